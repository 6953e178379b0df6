"""The layout of honest and of lying dumps."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitbench.firmware.elf_symbols import SymbolTable
from kitbench.flash_format import partition_table
from kitbench.flash_format.partition_table import Partition
from kitbench.forensics.canaries.storage_disguise import nvs_split_blob
from kitbench.forensics.layout.flash_layout import read_layout
from tests.kitbench.forensics.flash_sample import APP_OFFSET, PARTITIONS, flash


def with_table(*partitions: Partition) -> bytes:
    return flash(extra={0x8000: partition_table.serialize(partitions).ljust(0x1000, b"\xff")})


def test_read_layout_of_sound_dump_has_no_fault() -> None:
    layout = read_layout(flash())

    assert layout.faults == ()
    assert [partition.name for partition in layout.partitions] == [partition.name for partition in PARTITIONS]


def test_place_names_partition_segment_address_and_symbol() -> None:
    names = ("_binary_private_pem_key_start", "private_pem_key")
    symbols = SymbolTable((0x3F400020, 0x3F400120, 0x3F400120), (0x100, 0, 0), ("app_desc", *names))

    place = read_layout(flash()).place(APP_OFFSET + 32 + 0x123, symbols)

    assert (place.partition, place.partition_offset, place.segment) == ("factory", 32 + 0x123, 0)
    assert (place.address, place.symbols, place.symbol) == (0x3F400143, names, names[0])


def test_place_outside_partitions_is_the_offset_alone() -> None:
    place = read_layout(flash()).place(0x1234)

    assert (place.offset, place.partition, place.address) == (0x1234, None, None)


@pytest.mark.parametrize(
    ("partitions", "fault"),
    [
        ((Partition("a", 0, 0, 0x10000, 0x40000), Partition("b", 1, 2, 0x20000, 0x1000)), "overlap"),
        ((Partition("table", 1, 2, 0x8000, 0x1000), Partition("self", 1, 2, 0x8000, 0x1000)), "overlap"),
        ((Partition("huge", 0, 0, 0x10000, 0xFFFFFFFF),), "truncated"),
        ((Partition("nvs", 1, 2, 0x9000, 0x1000),), "no app partition"),
        ((Partition("empty", 0, 0, 0x90000, 0x1000),), "no app partition"),
    ],
)
def test_lying_table_is_a_fault(partitions: tuple[Partition, ...], fault: str) -> None:
    assert any(fault in line for line in read_layout(with_table(*partitions)).faults)


def test_lying_segment_length_is_a_fault() -> None:
    dump = flash(extra={APP_OFFSET + 28: b"\xf0\xff\xff\x00"})

    assert any("segment" in line for line in read_layout(dump).faults)


def test_noise_in_app_partition_looks_encrypted() -> None:
    dump = flash(extra={APP_OFFSET: random.Random(1).randbytes(0x20000)})

    assert any("looks encrypted" in line for line in read_layout(dump).faults)


def test_noise_in_nvs_looks_encrypted() -> None:
    dump = flash(extra={0x9000: random.Random(1).randbytes(0x6000)})

    assert any("NVS" in line for line in read_layout(dump).faults)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_damaged_dump_never_raises(data: st.DataObject) -> None:
    dump = bytearray(flash())
    for _ in range(data.draw(st.integers(1, 10))):
        at = data.draw(st.sampled_from([0x1000, 0x8000, 0x9000, APP_OFFSET, 0x70000])) + data.draw(st.integers(0, 300))
        dump[at] = data.draw(st.integers(0, 255))

    layout = read_layout(bytes(dump))

    layout.place(data.draw(st.integers(0, len(dump))))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_layout(dump: bytes) -> None:
    assert read_layout(dump).faults


def test_overlapping_partitions_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def note(partition: Partition, _: bytes) -> list[object]:
        read.append(partition.name)
        return []

    monkeypatch.setattr("kitbench.forensics.layout.flash_layout.stored_values", note)
    pile = [Partition(f"fat{index}", 1, 0x81, 0x70000, 0x10000) for index in range(40)]

    layout = read_layout(with_table(*PARTITIONS[:3], *pile))

    assert [name for name in read if name.startswith("fat")] == ["fat0"]
    assert any("overlap" in fault for fault in layout.faults)


@pytest.mark.parametrize(("limit", "value"), [("MAX_VALUES", 1), ("MAX_EXTRA_PIECES", 1 - 0x6000 // 128)])
def test_partition_that_holds_too_much_is_a_fault_and_what_was_read_stays(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(f"kitbench.forensics.layout.storage.{limit}", value)
    dump = flash(extra={0x9000: nvs_split_blob(b"x" * 3000)})

    layout = read_layout(dump)

    (fault,) = layout.faults
    assert "partition 'nvs': more than" in fault
    assert len(layout.values) == 1
