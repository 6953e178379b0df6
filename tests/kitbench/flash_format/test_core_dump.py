"""Core dumps of ESP-IDF are read, damaged and hostile ones refused in one line."""

import contextlib
import io
import struct
from dataclasses import replace
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given, settings
from hypothesis import strategies as st

from kitbench.flash_format import core_dump
from kitbench.flash_format.core_dump import CoreDumpError
from tests.kitbench.flash_format.core_dump_sample import HEADER_SIZES, Sample, Task

# The two upper bits of a return address are those of the window's increment, as the chip has them in a0.
MAIN = Task(b"main", 0x3FFAFBA0, (0x400D1000, 0x800D2003, 0x800E4003), stack=0x3FFB4000)
IDLE = Task(b"IDLE0", 0x3FFAFCF8, (0x40085908,), stack=0x3FFB6000)
SAMPLE = Sample((MAIN, IDLE))


@pytest.mark.parametrize("version", HEADER_SIZES)
def test_tasks_names_and_frames_are_read(version: tuple[int, int]) -> None:
    core = core_dump.parse(replace(SAMPLE, version=version).partition())

    assert core is not None
    assert core.version == f"{version[0]}.{version[1]}"
    assert core.crashed == core_dump.CoreTask("main", (0x400D1000, 0x400D2000, 0x400E4000))
    assert core.crashed.pc == 0x400D1000
    assert core.others == (core_dump.CoreTask("IDLE0", (0x40085908,)),)
    assert (core.cause, core.address) == ("StoreProhibited", 0)
    assert core.app_elf_sha256 == "47e46de0f"


def test_sample_is_an_elf_file_for_others_too() -> None:
    elf = ELFFile(io.BytesIO(SAMPLE.elf()))

    kinds = [segment["p_type"] for segment in elf.iter_segments()]
    assert elf["e_type"] == "ET_CORE"
    assert kinds == ["PT_NOTE", "PT_LOAD", "PT_LOAD", "PT_LOAD", "PT_LOAD", "PT_NOTE"]
    segments: list[Any] = list(elf.iter_segments("PT_NOTE"))
    notes = [note for segment in segments for note in segment.iter_notes()]
    assert [note["n_name"] for note in notes] == ["CORE", "CORE", "ESP_CORE_DUMP_INFO", "ESP_EXTRA_INFO"]


def test_crashed_task_is_the_named_one_else_the_first() -> None:
    named = core_dump.parse(replace(SAMPLE, crashed=IDLE.control_block).partition())
    marker = core_dump.parse(replace(SAMPLE, crashed=0xDEADBEEF).partition())

    assert named is not None
    assert named.crashed.name == "IDLE0"
    assert marker is not None
    assert marker.crashed.name == "main"


def test_what_the_panic_handler_said_is_one_line() -> None:
    core = core_dump.parse(
        replace(SAMPLE, details=b"abort() was called\n\x1b[31m at PC 0x400d66b9" + b"x" * 1000).partition()
    )

    assert core is not None
    assert core.details.startswith("abort() was called  [31m at PC 0x400d66b9xxx")
    assert len(core.details) <= 300


def test_risc_v_has_where_it_was_and_who_called() -> None:
    task = Task(b"main", 0x3FC90000, (0x42001000, 0x42002000, 0x42003000))

    core = core_dump.parse(Sample((task,), machine=0xF3).partition())

    assert core is not None
    assert core.crashed.frames == (0x42001000, 0x42002000)
    assert core.cause == ""


@pytest.mark.parametrize("content", [b"", b"\xff" * 4096, bytes(4096)])
def test_partition_without_a_core_dump_holds_none(content: bytes) -> None:
    assert core_dump.parse(content) is None


@pytest.mark.parametrize(
    ("name", "words"), [(b"\xff" * 16, "?"), (b"", "?"), (b"a\nb", "?"), (b"sixteen letters!", "sixteen letters!")]
)
def test_name_that_is_none_is_unknown(name: bytes, words: str) -> None:
    core = core_dump.parse(Sample((replace(MAIN, name=name),)).partition())

    assert core is not None
    assert core.crashed.name == words


def test_every_damage_is_found() -> None:
    whole = bytearray(SAMPLE.partition(4096))
    size = struct.unpack_from("<I", whole)[0]
    for at in range(8, size, 97):
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        with pytest.raises(CoreDumpError, match="checksum"):
            core_dump.parse(bytes(damaged))


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        (replace(SAMPLE, machine=3), "machine 0x3 with 2 tasks"),
        (replace(SAMPLE, tasks=SAMPLE.tasks[:0], crashed=1), "with 0 tasks"),
    ],
)
def test_dump_that_tells_nothing_is_refused(sample: Sample, words: str) -> None:
    with pytest.raises(CoreDumpError, match=words):
        core_dump.parse(sample.partition())


@pytest.mark.parametrize("header", [(100, 3), (100, 0x200), (1 << 31, 0x100), (21, 0x100), (4097, 0x101)])
def test_header_that_cannot_be_is_refused(header: tuple[int, int]) -> None:
    with pytest.raises(CoreDumpError):
        core_dump.parse(struct.pack("<II", *header).ljust(4096, b"\0"))


def test_stack_that_runs_in_circles_ends() -> None:
    sample = Sample((Task(b"main", 0x3FFAFBA0, (0x400D1000, 0x800D2003), stack=0x3FFB4000),))
    stack = struct.pack("<II", 0x800D2003, 0x3FFB4010) * 8

    core = core_dump.parse(replace(sample, extra_segments=[(1, 0x3FFB4000, stack)]).partition())

    assert core is not None
    assert len(core.crashed.frames) <= 100


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600), st.integers(0, 2000))
def test_hostile_elf_is_read_or_refused(junk: bytes, at: int) -> None:
    elf = bytearray(Sample((MAIN,)).elf())
    elf[at : at + len(junk)] = junk
    with contextlib.suppress(CoreDumpError):
        core_dump._read(core_dump._Elf(bytes(elf)), "1.0")


def test_number_of_segments_is_bounded() -> None:
    elf = bytearray(Sample((MAIN,)).elf())
    elf[44:46] = struct.pack("<H", 0xFFFF)

    with pytest.raises(CoreDumpError, match="65535 segments"):
        core_dump._Elf(bytes(elf))


def test_segments_that_are_all_the_whole_dump_are_refused() -> None:
    elf = bytearray(Sample((MAIN,) * 8).elf())
    for row in range(52, 52 + 32 * 8, 32):
        elf[row + 4 : row + 8] = bytes(4)
        elf[row + 16 : row + 20] = struct.pack("<I", len(elf))

    with pytest.raises(CoreDumpError, match="over one another"):
        core_dump._Elf(bytes(elf))
