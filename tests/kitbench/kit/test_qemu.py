"""QEMU as a kit: which program it is, what it is told, and the files that are its memory."""

import json
import shlex
import stat
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from kitbench.errors import KitError, UsageError
from kitbench.kit import qemu

ESPRESSIF = "QEMU emulator version 8.1.3 (esp_develop_8.1.3_20231206)"
DEBIAN = "QEMU emulator version 7.2.9 (Debian 1:7.2+dfsg-7+deb12u5)"


SOURCE = "QEMU emulator version 9.2.2 (v9.2.2-dirty)"
MACHINES = "Supported machines are:\nesp32                Espressif ESP32 machine\nnone                 empty machine"
OTHERS = (
    "Supported machines are:\nesp32c3              Espressif ESP32-C3 machine\nlx60                 lx60 EVB (dc232b)"
)


def install(folder: Path, says: str, machines: str = MACHINES) -> None:
    """Put a program on an otherwise empty PATH that says its version and its machines."""
    program = folder / qemu.PROGRAM
    script = f"#!/bin/sh\nif [ \"$1\" = --version ]; then echo '{says}'; else echo '{machines}'; fi\n"
    program.write_text(script, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is installed."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package of pytest-embedded's service is there: another module stands for it."""
    monkeypatch.setitem(sys.modules, "pytest_embedded_qemu", json)


def test_missing_program_says_what_installs_it() -> None:
    with pytest.raises(UsageError, match=r"not on PATH — .*idf_tools\.py install qemu-xtensa"):
        qemu.find_qemu()


def test_missing_package_says_what_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, ESPRESSIF)
    monkeypatch.setitem(cast("dict[str, Any]", sys.modules), "pytest_embedded_qemu", None)

    with pytest.raises(UsageError, match=r"pip install 'kitbench\[qemu\]'"):
        qemu.find_qemu()


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    ("says", "version"),
    [
        (ESPRESSIF, "8.1.3 (esp_develop_8.1.3_20231206)"),
        (SOURCE, "9.2.2 (v9.2.2-dirty)"),
        ("QEMU emulator version 9.0.0", "9.0.0"),
        ("hello", "of an unknown version"),
    ],
)
def test_qemu_with_an_esp32_is_found_with_its_version(tmp_path: Path, says: str, version: str) -> None:
    install(tmp_path, says)

    assert qemu.find_qemu() == qemu.Qemu(str(tmp_path / qemu.PROGRAM), version)


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(("says", "machines"), [(DEBIAN, OTHERS), (ESPRESSIF, OTHERS), (ESPRESSIF, ""), ("", "hello")])
def test_qemu_without_an_esp32_is_refused(tmp_path: Path, says: str, machines: str) -> None:
    install(tmp_path, says, machines)

    with pytest.raises(UsageError, match="not Espressif's QEMU"):
        qemu.find_qemu()


def test_arguments_are_those_of_idf_py_qemu() -> None:
    words = shlex.split(qemu.arguments(Path("/a b/c,d")))

    assert words[:2] == ["-nic", "user,model=open_eth"]
    assert words[2:4] == ["-drive", "file=/a b/c,,d,if=none,format=raw,id=efuse"]
    assert "driver=nvram.esp32.efuse,property=drive,value=efuse" in words
    assert not any("strap_mode" in word for word in words), "the default strap boots from flash"


@pytest.mark.parametrize(
    ("host", "inside"), [("localhost", "10.0.2.2"), ("127.0.0.1", "10.0.2.2"), ("x.iot.amazonaws.com",) * 2]
)
def test_loopback_has_another_name_inside(host: str, inside: str) -> None:
    assert qemu.seen_from_inside(host) == inside


def test_new_chip_is_of_revision_3_and_unprotected() -> None:
    stored = qemu.factory_efuses()

    assert len(stored) == 124
    registers = [qemu.efuse_register(stored, 0x3FF5A000 + 4 * word) for word in range(7)]
    assert registers == [0, 0, 0, 0x8000, 0, 0x100000, 0]


def test_short_efuse_file_is_an_error() -> None:
    with pytest.raises(ValueError, match="has 8 bytes"):
        qemu.efuse_register(bytes(8), 0x3FF5A008)


def test_file_erases_the_sectors_that_it_touches_and_no_others() -> None:
    flash = b"\x11" * 0x4000

    laid = qemu.laid_over(flash, [(0x1000, b"\xff" * 16 + b"app"), (0x3010, b"x")])

    assert laid[:0x1000] == flash[:0x1000]
    assert laid[0x1000:0x2000] == (b"\xff" * 16 + b"app").ljust(0x1000, b"\xff")
    assert laid[0x2000:0x3000] == flash[0x2000:0x3000]
    assert laid[0x3000:] == (b"\xff" * 16 + b"x").ljust(0x1000, b"\xff")


@pytest.mark.parametrize(("offset", "content"), [(-1, b"x"), (0x1000, b"x"), (0, bytes(0x1001))])
def test_file_that_does_not_fit_is_the_projects_fault(offset: int, content: bytes) -> None:
    with pytest.raises(KitError, match="do not fit into a flash of 4096 bytes"):
        qemu.laid_over(bytes(0x1000), [(offset, content)])
