"""File and line of code addresses by the toolchain's addr2line, where ESP-IDF's environment is exported."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

from kitbench.kit.backtrace import AddressToLine

#: The names since ESP-IDF 5.2 and before; both take an ELF of the ESP32.
PROGRAMS: Final = ("xtensa-esp32-elf-addr2line", "xtensa-esp-elf-addr2line")
WITHIN_S: Final = 20.0
ADDRESS: Final = re.compile(r"0x([0-9a-f]{8}): (.*)")


def addr2line_program() -> str:
    """Return the path of the toolchain's addr2line, "" without the toolchain."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), "")


def addr2line_of(program: str, elf: Path) -> AddressToLine | None:
    """Return what resolves addresses of an ELF by this program, None for ""."""
    return partial(resolve, program, elf) if program else None


def resolve(program: str, elf: Path, addresses: Iterable[int]) -> dict[int, str]:
    """Return file and line by address, inlined calls behind one another; nothing when the tool fails."""
    arguments = [program, "-pfiaC", "-e", str(elf), *(f"0x{address:08x}" for address in addresses)]
    try:
        done = subprocess.run(arguments, capture_output=True, timeout=WITHIN_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return {}  # the symbols of the ELF have to do
    return parse(done.stdout.decode(errors="replace"))


def parse(output: str) -> dict[int, str]:
    """Return what addr2line printed, by address; what it does not know (`??`) is left out."""
    lines: dict[int, str] = {}
    address = None
    for line in output.splitlines():
        found = ADDRESS.fullmatch(line.strip())
        if found:
            address = int(found[1], 16)
            lines[address] = found[2]
        elif address is not None and line.strip():
            lines[address] += f" {line.strip()}"
    return {address: line for address, line in lines.items() if not line.startswith("??")}
