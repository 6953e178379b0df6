"""A core dump for people: the crashed task with its decoded backtrace, and where the other tasks were."""

import re
from collections.abc import Iterable
from typing import Final

from kitbench.firmware.elf_symbols import SymbolTable
from kitbench.flash_format.core_dump import CoreDump, CoreTask
from kitbench.kit.backtrace import AddressToLine, Frame, name_of

#: Names of frames in which every task that does not run stands.
_WAITING: Final = re.compile(r"ROM$|vPort|xPort|_frxt_|vTaskSwitchContext|esp_crosscore_int|\?$")
NO_NAMES = SymbolTable((), (), ())


def describe(
    core: CoreDump, elf_sha256: str, symbols: SymbolTable, address_to_line: AddressToLine | None = None
) -> str:
    """Return a core dump as lines of text.

    Args:
        core: the core dump.
        elf_sha256: of the ELF that the names come from; a dump of another app gets none of them.
        symbols: its functions.
        address_to_line: file and line, where the toolchain is at hand.
    """
    lines = []
    if core.app_elf_sha256 and not elf_sha256.startswith(core.app_elf_sha256):
        lines.append(f"of another app, whose ELF has the SHA-256 {core.app_elf_sha256}…: no names are known")
        symbols, address_to_line = NO_NAMES, None
    lines.append(f"crashed task {core.crashed.name!r}: {_reason(core)}")
    lines += [f"  {frame}" for frame in _frames(core.crashed, symbols, address_to_line)] or ["  its stack is broken"]
    for task in core.others:
        lines.append(f"task {task.name!r}: {_telling(_frames(task, symbols, address_to_line))}")
    return "\n".join(lines)


def _telling(frames: Iterable[Frame]) -> str:
    """Return the innermost frame that says where a task waits: each waits in the kernel's port, or in the ROM."""
    shown = [str(frame) for frame in frames]
    telling = (text for text in shown if not _WAITING.match(text.partition(" ")[2]))
    return next(telling, next(iter(shown), "its stack is broken"))


def _reason(core: CoreDump) -> str:
    """Return why; abort() ends in an exception of its own, so what it said comes first."""
    at = f", address 0x{core.address:08x}" if core.address is not None else ""
    return core.details or (f"{core.cause}{at}" if core.cause else "no reason is known")


def _frames(task: CoreTask, symbols: SymbolTable, address_to_line: AddressToLine | None) -> Iterable[Frame]:
    lines = address_to_line(task.frames) if address_to_line else {}
    return [Frame(address, name_of(address, symbols), lines.get(address, "")) for address in task.frames]
