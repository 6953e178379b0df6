"""What a serial log says of a crash: the panic's reason, its backtrace, restarts that nobody asked for. Pure.

Texts: ESP-IDF v5.1.4, components/esp_system/panic.c and debug_stubs, port/arch/xtensa/debug_helpers.c, newlib/assert.c,
esp_err_check; reset lines: the ESP32's boot ROM.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kitbench.firmware.elf_symbols import SymbolTable

#: A log is the firmware's to write: longer lines, or more frames, are no panic handler's.
LINE_LIMIT: Final = 4096
FRAME_LIMIT: Final = 100
#: What a panic handler prints as the reason; the first one of a panic says most.
REASONS: Final = re.compile(
    r"Guru Meditation Error: Core +\d panic'ed \([^)]*\)+"
    r"|abort\(\) was called at PC 0x[0-9a-f]+ on core \d"
    r"|assert failed: .*"
    r"|ESP_ERROR_CHECK failed: esp_err_t .*"
    r"|\*\*\*ERROR\*\*\* A stack overflow in task .* has been detected"
    r"|Stack smashing protect failure!"
    r"|Brownout detector was triggered"
)
BACKTRACE: Final = re.compile(r"Backtrace:((?: ?0x[0-9a-fA-F]{8}:0x[0-9a-fA-F]{8})+)( *\|<-CORRUPTED)?")
#: Into flash only: esptool itself restarts a kit into download mode.
RESET: Final = re.compile(r"rst:0x[0-9a-f]+ \((\w+)\),boot:0x[0-9a-f]+ \(SPI_FAST_FLASH_BOOT\)")
#: Power and EN, which are the bench's own; and waking up, which is what firmware that sleeps deeply does.
ASKED_FOR: Final = frozenset(("POWERON_RESET", "DEEPSLEEP_RESET"))
#: So many restarts, or panics, are a boot loop: one restart may be meant.
LOOP: Final = 2
#: Why an app does not start, in the boot ROM's and the second-stage boot loader's words.
BOOT_FAULT: Final = re.compile(
    r"E \(\d+\) (?:boot|esp_image|flash_parts): .*|csum err:.*|invalid header: .*|flash read err.*"
)
#: Code that a panic runs through on its way out: never where the fault is.
MACHINERY: Final = frozenset(
    (
        "panic_abort",
        "esp_system_abort",
        "abort",
        "__assert_func",
        "__assert_fail",
        "_esp_error_check_failed",
        "_esp_error_check_failed_without_abort",
        "vApplicationStackOverflowHook",
        "kit_panic",
        "ROM",
    )
)
#: The boot ROM of the ESP32 in its address space; an app's ELF has no sizes for it. ESP32 TRM, "Embedded Memory".
ROM: Final = range(0x40000000, 0x40070000)

#: Gives names to addresses with the toolchain's own tool; an address that it does not know is left out.
AddressToLine = Callable[[Iterable[int]], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Panic:
    """One crash as it was printed.

    Attributes:
        reason: the line that says why.
        addresses: code addresses, innermost first; empty when no backtrace was printed.
        is_corrupted: the panic handler itself found the stack broken.
    """

    reason: str
    addresses: tuple[int, ...] = ()
    is_corrupted: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """An address with its name; `line` is addr2line's text, "" without it."""

    address: int
    function: str
    line: str = ""

    def __str__(self) -> str:
        return f"0x{self.address:08x} {self.line or self.function}"


def find_panics(log: str) -> list[Panic]:
    """Return the panics in a log, in order. A backtrace without a reason, as of a task watchdog, is none."""
    panics: list[Panic] = []
    reason = ""
    for line in log.splitlines():
        text = line[:LINE_LIMIT]
        found = REASONS.search(text)
        reason = reason or (found[0].strip() if found else "")
        backtrace = BACKTRACE.search(text)
        if reason and (backtrace or RESET.search(text)):
            panics.append(_panic(reason, backtrace))
            reason = ""
    return [*panics, Panic(reason)] if reason else panics


def _panic(reason: str, backtrace: "re.Match[str] | None") -> Panic:
    if backtrace is None:
        return Panic(reason)
    pairs = backtrace[1].split()[:FRAME_LIMIT]
    return Panic(reason, tuple(int(pair.split(":")[0], 16) for pair in pairs), backtrace[2] is not None)


def own_resets(log: str) -> list[str]:
    """Return the causes of the resets that the kit made by itself, such as ``"SW_CPU_RESET"``, in order."""
    return [match[1] for match in RESET.finditer(log) if match[1] not in ASKED_FOR]


def decode(panic: Panic, symbols: SymbolTable, address_to_line: AddressToLine | None = None) -> list[Frame]:
    """Return the frames of a panic with names: file and line where the toolchain is at hand, else functions."""
    lines = address_to_line(panic.addresses) if address_to_line else {}
    return [Frame(address, name_of(address, symbols), lines.get(address, "")) for address in panic.addresses]


def name_of(address: int, symbols: SymbolTable) -> str:
    """Return the function at an address, with the distance from its start; "ROM" or "?" where no name is known."""
    if address in ROM:
        return "ROM"
    return symbols.at(address) or "?"


def culprit(frames: Iterable[Frame]) -> str:
    """Return the innermost function that is not the panic's own machinery, or ""."""
    names = (frame.function for frame in frames)
    return next((name for name in names if name not in MACHINERY and name != "?"), "")


def tells_of_a_crash(line: str) -> bool:
    """Say whether a line of a log has a part in what this module reads: the others may be left out."""
    return any(pattern.search(line[:LINE_LIMIT]) for pattern in (REASONS, BACKTRACE, RESET, BOOT_FAULT))


def is_boot_loop(log: str) -> bool:
    """Say whether the kit starts over and over again by itself."""
    return max(len(find_panics(log)), len(own_resets(log))) >= LOOP


def summary(log: str, symbols: SymbolTable) -> str:
    """Return in one line how the kit crashed or restarted by itself; "" when it did neither.

    A single restart without a panic is no crash: firmware may ask for one.
    """
    panics = find_panics(log)
    if panics:
        where = culprit(decode(panics[0], symbols))
        reason = f"{panics[0].reason}{f', in {where}' if where else ''}"
        if is_boot_loop(log):
            return f"the kit is in a boot loop: it panicked {_times(len(panics))}: {reason}"
        return f"the kit panicked: {reason}"
    if is_boot_loop(log):
        causes = ", ".join(f"{_times(count)} {cause}" for cause, count in sorted(Counter(own_resets(log)).items()))
        fault = BOOT_FAULT.search(log)
        return f"the kit is in a boot loop: {causes}{f'; {fault[0].strip()[:LINE_LIMIT]}' if fault else ''}"
    return ""


def _times(count: int) -> str:
    return f"{count} times" if count > 1 else "once"


def report(log: str, symbols: SymbolTable, address_to_line: AddressToLine | None = None) -> str:
    """Return the decoded backtrace of the first panic as lines of text, "" when there was none."""
    panics = find_panics(log)
    if not panics:
        return ""
    frames = decode(panics[0], symbols, address_to_line)
    lines = [panics[0].reason, *(f"  {frame}" for frame in frames)]
    if panics[0].is_corrupted:
        lines.append("  the stack is corrupted beyond this")
    if len(panics) > 1:
        lines.append(f"and {len(panics) - 1} more")
    return "\n".join(lines)
