"""Dumping a kit over its serial port: a virtual kit, esptool's own loader between."""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from esptool import FatalError

from kitbench.errors import BenchError
from kitbench.forensics.reading import flash_reader
from kitbench.forensics.reading.delta_dump import DumpState
from kitbench.forensics.reading.flash_reader import read_flash
from kitbench.kit.serial_port import use_quick_rfc2217
from kitbench.virtual_kit.kit import KitOptions, VirtualKit
from tests.kitbench.forensics.flash_sample import flash
from tests.kitbench.virtual_kit.chip_rig import FakeCpu

FLASH_SIZE = 4 << 20
CONTENT = flash(extra={0x50000: b"changed since"}).ljust(FLASH_SIZE, b"\xff")


@pytest.fixture(name="kit")
def _kit(tmp_path: Path) -> Iterator[VirtualKit]:
    """A kit whose flash holds CONTENT."""
    use_quick_rfc2217()
    path = tmp_path / "kit.bin"
    path.write_bytes(CONTENT)
    with VirtualKit(KitOptions(name="dump", flash_file=path, cpu=FakeCpu())) as kit:
        yield kit


def test_delta_dump_is_the_flash_and_crosses_little(kit: VirtualKit, tmp_path: Path) -> None:
    known = flash()

    dump = read_flash(kit.url, known=known)

    assert hashlib.sha256(dump.data).digest() == hashlib.sha256(CONTENT).digest()
    assert (dump.method, dump.transferred, dump.chip) == ("delta", 0x1000, "ESP32")
    assert dump.efuses["FLASH_CRYPT_CNT"] == 0
    dump.write(tmp_path / "flash.bin")
    assert json.loads((tmp_path / "flash.bin.json").read_text())["sha256"] == dump.sha256
    assert (tmp_path / "flash.bin").read_bytes() == CONTENT


@pytest.mark.slow
def test_full_dump_is_the_flash(kit: VirtualKit) -> None:
    dump = read_flash(kit.url, full=True)

    assert dump.data == CONTENT
    assert (dump.method, dump.transferred) == ("full", FLASH_SIZE)


def test_port_where_nobody_answers_is_the_benchs_fault() -> None:
    with pytest.raises(BenchError, match="cannot read the flash on socket://"):
        read_flash("socket://127.0.0.1:9")


def test_output_that_cannot_be_written_is_the_benchs_fault(kit: VirtualKit, tmp_path: Path) -> None:
    dump = read_flash(kit.url, known=CONTENT)

    with pytest.raises(BenchError, match="cannot write"):
        dump.write(tmp_path / "missing" / "flash.bin")


class Link:
    """A kit's link that breaks some times before it holds, and what each attempt was given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, breaks: int) -> None:
        self._breaks = breaks
        self.states: list[DumpState] = []
        self.known: list[object] = []
        loader = SimpleNamespace(CHIP_NAME="ESP32-S3", read_mac=lambda: bytes(6))
        monkeypatch.setattr(flash_reader, "_connected", lambda *_: contextlib.nullcontext(loader))
        monkeypatch.setattr(flash_reader, "_flash_size", lambda _: FLASH_SIZE)
        monkeypatch.setattr(flash_reader, "read_delta", self._read)

    def _read(self, _reader: object, state: DumpState, *, known: object, progress: object) -> bytes:
        del progress
        self.states.append(state)
        self.known.append(known)
        if len(self.states) <= self._breaks:
            raise FatalError("the link broke")
        return CONTENT


def test_link_that_breaks_is_taken_up_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    link = Link(monkeypatch, breaks=2)

    assert read_flash("anywhere").data == CONTENT

    assert len(link.states) == 3
    assert link.states[0] is link.states[1] is link.states[2]


def test_link_that_breaks_for_good_tells_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    link = Link(monkeypatch, breaks=99)
    told: list[bytes] = []

    with pytest.raises(BenchError, match=r"^dump: cannot read the flash on anywhere: .*the link broke"):
        read_flash("anywhere", on_broken=told.append)

    assert len(link.states) == 3
    assert told == [link.states[0].image()]


@pytest.mark.parametrize(
    ("known", "images"), [(None, []), (b"image", [b"image"]), ((b"one", b"two"), [b"one", b"two"])]
)
def test_flash_may_hold_any_of_the_known_images(
    monkeypatch: pytest.MonkeyPatch, known: bytes | Sequence[bytes] | None, images: list[bytes]
) -> None:
    link = Link(monkeypatch, breaks=0)

    read_flash("anywhere", known=known)

    assert link.known == [images]
