"""Virtual kits whose eFuses are burnt, and what `kitbench audit` says of them, asked as anybody asks it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from kitbench.virtual_kit.hardware.efuse import Efuses
from kitbench.virtual_kit.kit import KitOptions, VirtualKit
from tests.kitbench.virtual_kit.chip_rig import MAC, FakeCpu, make_flash

#: Field of block 0 → its word, its lowest bit and its width (ESP32 TRM, table of eFuse parameters).
_FIELDS: Final = {
    "WR_DIS": (0, 0, 16),
    "RD_DIS": (0, 16, 4),
    "FLASH_CRYPT_CNT": (0, 20, 7),
    "UART_DOWNLOAD_DIS": (0, 27, 1),
    "FLASH_CRYPT_CONFIG": (5, 28, 4),
    "CONSOLE_DEBUG_DISABLE": (6, 2, 1),
    "ABS_DONE_0": (6, 4, 1),
    "ABS_DONE_1": (6, 5, 1),
    "JTAG_DISABLE": (6, 6, 1),
    "DISABLE_DL_ENCRYPT": (6, 7, 1),
    "DISABLE_DL_DECRYPT": (6, 8, 1),
    "DISABLE_DL_CACHE": (6, 9, 1),
}
#: Release mode with secure boot V2, and the serial loader, by which the eFuses are read, left open.
GOOD: Final[Mapping[str, int]] = {
    "WR_DIS": 1 << 0 | 1 << 2 | 1 << 7 | 1 << 8 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 15,
    "RD_DIS": 1,
    "FLASH_CRYPT_CNT": 0x7F,
    "FLASH_CRYPT_CONFIG": 0xF,
    "CONSOLE_DEBUG_DISABLE": 1,
    "ABS_DONE_1": 1,
    "JTAG_DISABLE": 1,
    "DISABLE_DL_ENCRYPT": 1,
    "DISABLE_DL_DECRYPT": 1,
    "DISABLE_DL_CACHE": 1,
}
#: A chip of revision 1 has no V2, and no eFuse that closes its loader.
OLD_CHIP: Final[Mapping[str, int]] = {**GOOD, "ABS_DONE_1": 0, "ABS_DONE_0": 1, "RD_DIS": 3, "revision": 1}
_BLOCK_0: Final = 7
_READS: Final = (0x000, 0x038, 0x058)


def efuse_file(path: Path, fields: Mapping[str, int]) -> Path:
    """Write the eFuses of a chip, with keys in BLOCK1 and BLOCK2, as a virtual kit and espefuse keep them."""
    registers = bytearray(Efuses(mac=MAC).to_file()[::-1])
    words = [int.from_bytes(registers[4 * word : 4 * word + 4], "little") for word in range(_BLOCK_0)]
    if fields.get("revision") == 1:
        words[5] &= ~(1 << 20)  # CHIP_VER_REV2
    for name, value in fields.items():
        if name in _FIELDS:
            word, shift, width = _FIELDS[name]
            assert value < 1 << width
            words[word] |= value << shift
    registers[: 4 * _BLOCK_0] = b"".join(word.to_bytes(4, "little") for word in words)
    for block in _READS[1:]:
        registers[block : block + 32] = bytes(range(block, block + 32))
    path.write_bytes(bytes(registers[::-1]))
    return path


@contextmanager
def burnt_kit(fuses: Path) -> Iterator[str]:
    """Yield the port of a virtual kit with these eFuses."""
    flash = make_flash()
    kit = VirtualKit(KitOptions(cpu=FakeCpu(), efuse_file=fuses))
    kit.flash.program(0, flash.read(0, flash.size))
    with kit:
        yield kit.url


def summary_of(fuses: Path, target: Path) -> Path:
    """Write what stock espefuse says of a file of eFuses, as a production line keeps it before it closes the loader."""
    stock = ("-m", "espefuse", "--chip", "esp32", "--virt", "--path-efuse-file", str(fuses))
    done = subprocess.run([sys.executable, *stock, "summary", "--format", "json"], capture_output=True, check=True)
    target.write_bytes(done.stdout)
    return target


def audited(*arguments: str, report: Path) -> tuple[int, dict[str, dict[str, Any]]]:
    """Run `kitbench audit`; return its exit status and the items of hardening by id."""
    command = [sys.executable, "-m", "kitbench", "audit", *arguments, "--hardening", "--json", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert report.exists(), done.stderr
    told = json.loads(report.read_text(encoding="utf-8"))
    return done.returncode, {item["id"]: item for item in told.get("items") or told["hardening_items"]}


def failed(items: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the ids of the items that failed."""
    return {name for name, item in items.items() if item["result"] == "fail"}
