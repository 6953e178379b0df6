"""Dumping a kit over its serial port: a virtual kit, esptool's own loader between."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kitbench.errors import BenchError
from kitbench.forensics.flash_dump import read_flash
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
