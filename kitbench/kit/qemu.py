"""Espressif's QEMU as a kit: the program, its arguments, the files that are its flash and its eFuses.

Sources: espressif/qemu hw/xtensa/esp32.c; esp-toolchain-docs qemu/esp32/README.md; ESP-IDF v5.5
tools/idf_py_actions/qemu_ext.py and tools/tools.json; pytest-embedded-qemu 2.9 (its arguments come before these).
Unverified: none of this has met the real program.
"""

import re
import shutil
import struct
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import KitError, UsageError
from kitbench.extras import Extra, require
from kitbench.quoting import shell

PROGRAM: Final = "qemu-system-xtensa"
#: The host as the guest sees it in QEMU's user-mode network; there the host's loopback answers.
HOST: Final = "10.0.2.2"
#: What of the host that name stands for.
LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1")
#: `sdkconfig.ci.<configuration>` of firmware for QEMU: OpenCores Ethernet in place of Wi-Fi.
CONFIGURATION: Final = "qemu"
#: The flash chips that the machine `esp32` knows, by the size of the image.
FLASH_SIZES: Final = frozenset(size << 20 for size in (2, 4, 8, 16))
#: A QEMU is known by its machines: a build from source has a version of its own, a distribution's has no `esp32`.
_MACHINE: Final = re.compile(r"^esp32\s", re.MULTILINE)
VERSION: Final = re.compile(r"QEMU emulator version ([0-9.]+(?: \([\w.:+~-]{1,60}\))?)")
ANSWERS_WITHIN_S: Final = 10.0
SECTOR: Final = 4096
ERASED: Final = b"\xff"

#: Blocks 0 to 3 in words, as `hw/nvram/esp32_efuse.c` stores them: 124 bytes.
_EFUSE_WORDS: Final = 7 + 3 * 8
_BLOCK0: Final = 0x3FF5A000
#: CHIP_VER_REV1 and CHIP_VER_REV2: a chip of revision 3, as `idf.py qemu` makes it; word of block 0 → bits.
_REVISION_3: Final = {3: 1 << 15, 5: 1 << 20}


@dataclass(frozen=True, slots=True)
class Qemu:
    """Espressif's QEMU, installed.

    Attributes:
        program: its path.
        version: such as ``"8.1.3 (esp_develop_8.1.3_20231206)"``.
    """

    program: str
    version: str


def find_qemu() -> Qemu:
    """Return the QEMU on PATH that has an ESP32; pytest-embedded's service for it is there, too.

    Raises:
        UsageError: program or package is missing, or it is another QEMU; says what to install.
    """
    program = shutil.which(PROGRAM)
    fix = "python $IDF_PATH/tools/idf_tools.py install qemu-xtensa, then . $IDF_PATH/export.sh"
    if program is None:
        raise UsageError(f"{PROGRAM} is not on PATH", stage="kit", fix=fix)
    version = _version(program)
    if version is None:
        raise UsageError(f"{program} is not Espressif's QEMU: it has no ESP32", stage="kit", fix=fix)
    require(Extra.QEMU)
    return Qemu(program, version)


def _version(program: str) -> str | None:
    """Return the version of a QEMU that has the ESP32 among its machines, however it was built; None for others."""
    if not _MACHINE.search(_answer(program, "-machine", "help")):
        return None
    found = VERSION.search(_answer(program, "--version"))
    return found[1] if found else "of an unknown version"


def _answer(program: str, *words: str) -> str:
    try:
        done = subprocess.run(
            [program, *words], capture_output=True, stdin=subprocess.DEVNULL, timeout=ANSWERS_WITHIN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace")


def arguments(efuse_file: Path) -> str:
    """Return what the command line needs beyond pytest-embedded's `-nographic -machine esp32` and flash drive.

    Its own option for an eFuse file would strap the chip into download mode, and blank the file. Watchdogs are off as
    with `idf.py qemu`: a busy host is too slow for them.
    """
    words = ["-nic", "user,model=open_eth"]
    words += ["-drive", f"file={_escaped(efuse_file)},if=none,format=raw,id=efuse"]
    words += ["-global", "driver=nvram.esp32.efuse,property=drive,value=efuse"]
    words += ["-global", "driver=timer.esp32.timg,property=wdt_disable,value=true"]
    return shell.command(words)


def _escaped(path: Path) -> str:
    """Return a path as QEMU's options take it: a comma ends a value, two are one."""
    return str(path).replace(",", ",,")


def seen_from_inside(host: str) -> str:
    """Return the name by which firmware in QEMU reaches a host: this machine's loopback has one of its own."""
    return HOST if host in LOOPBACK_NAMES else host


def factory_efuses() -> bytes:
    """Return the eFuse file of a new chip: revision 3, nothing protected."""
    return struct.pack(f"<{_EFUSE_WORDS}I", *(_REVISION_3.get(word, 0) for word in range(_EFUSE_WORDS)))


def efuse_register(stored: bytes, address: int) -> int:
    """Return a register of eFuse block 0, by its address on the bus, from an eFuse file.

    Raises:
        ValueError: the file is too short to have it.
    """
    offset = address - _BLOCK0
    if not 0 <= offset <= len(stored) - 4:
        raise ValueError(f"the eFuse file has {len(stored)} bytes, none for register 0x{address:08x}")
    return int(struct.unpack_from("<I", stored, offset)[0])


def laid_over(flash: bytes, files: Iterable[tuple[int, bytes]]) -> bytes:
    """Return a flash after files were written to their offsets; each erases the sectors that it touches.

    Raises:
        KitError: one does not fit.
    """
    laid = bytearray(flash)
    for offset, content in files:
        if not 0 <= offset <= len(flash) - len(content):
            raise KitError(
                f"{len(content)} bytes at {offset:#x} do not fit into a flash of {len(flash)} bytes", stage="flash"
            )
        start, end = offset // SECTOR * SECTOR, -(-(offset + len(content)) // SECTOR) * SECTOR
        laid[start:end] = ERASED * (end - start)
        laid[offset : offset + len(content)] = content
    return bytes(laid)
