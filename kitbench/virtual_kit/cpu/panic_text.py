"""What the panic handler of ESP-IDF 5.1 prints, line by line; recorded from the device."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kitbench.virtual_kit.cpu.machine import Panic, PanicKind
from kitbench.virtual_kit.cpu.wasm_calls import Frame

#: Backtrace addresses: where ESP-IDF maps code; the offset in the app's module is added (docs/fidelity).
CODE_BASE: Final = 0x400D0000
#: Where data memory begins on the chip; stack pointers are printed relative to it.
_DATA_BASE: Final = 0x3FFB0000
_MOST_FRAMES: Final = 32


@dataclass(frozen=True, slots=True)
class Cpu:
    """The state that a register dump shows, as far as WebAssembly has it."""

    frames: Sequence[Frame]
    stack_pointer: int
    cause: int = 0
    address: int = 0


def program_counter(frames: Sequence[Frame]) -> int:
    """Return the pseudo address of the innermost frame."""
    return CODE_BASE + (frames[0].offset if frames else 0)


def backtrace(cpu: Cpu) -> str:
    """Return the `Backtrace:` line; the first address is PC - 3 on the device, which decoders undo."""
    stack = _DATA_BASE + cpu.stack_pointer
    pairs = [
        f"0x{CODE_BASE + frame.offset:08x}:0x{stack + 32 * index:08x}"
        for index, frame in enumerate(cpu.frames[:_MOST_FRAMES])
    ]
    return "Backtrace: " + " ".join(pairs)


def exception(reason: str, cpu: Cpu) -> str:
    """Return the text of a CPU exception such as `LoadProhibited`."""
    head = f"Guru Meditation Error: Core  0 panic'ed ({reason}). Exception was unhandled.\n\n"
    return head + _registers(cpu, 0) + "\n\n" + backtrace(cpu) + "\n\n\n\n"


def debug_exception(cpu: Cpu) -> str:
    """Return the text of a BREAK instruction, as GCC makes it of `__builtin_trap()`."""
    head = (
        "Guru Meditation Error: Core  0 panic'ed (Unhandled debug exception). \nDebug exception reason: BREAK instr \n"
    )
    return head + _registers(cpu, 0) + "\n\n" + backtrace(cpu) + "\n\n\n\n"


def interrupt_watchdog(cpu: Cpu) -> str:
    """Return the text of a CPU that had its interrupts off for too long; it shows both cores."""
    idle = Cpu((), 0)
    return (
        "Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0). \n\n"
        + _registers(cpu, 0)
        + "\n\n"
        + backtrace(cpu)
        + "\n\n\n"
        + _registers(idle, 1)
        + "\n\n"
        + backtrace(cpu)
        + "\n\n\n\n"
    )


def requested(panic: Panic, cpu: Cpu) -> str:
    """Return the text of a panic that the app asked for: no registers."""
    pc = program_counter(cpu.frames)
    text = panic.text.replace("{pc}", f"0x{pc:08x}")
    if panic.kind in (PanicKind.ABORT, PanicKind.ERROR_CHECK):
        text += f"\nabort() was called at PC 0x{pc:08x} on core 0"
    return f"{text}\n\n\n{backtrace(cpu)}\n\n\n\n"


def task_watchdog(cpu: Cpu) -> str:
    """Return the text of a task watchdog that was told to panic."""
    return f"\n\n\n{backtrace(cpu)}\n\n\n\n"


def stack_overflow(task_name: str, cpu: Cpu) -> str:
    """Return the text of FreeRTOS's check of the stack's end."""
    return f"\n***ERROR*** A stack overflow in task {task_name} has been detected.\n\n\n{backtrace(cpu)}\n\n\n\n"


def ending(elf_sha256: str) -> str:
    """Return the last lines before the reset."""
    return f"\nELF file SHA256: {elf_sha256[:16]}\n\nRebooting...\n"


def _registers(cpu: Cpu, core: int) -> str:
    pc = program_counter(cpu.frames) if cpu.frames else 0x400E0000
    stack = _DATA_BASE + cpu.stack_pointer
    values = {"PC": pc, "PS": 0x00060730, "A0": 0x800D0000 | (pc & 0xFFFF), "A1": stack}
    values |= {f"A{number}": 0 for number in range(2, 16)}
    values |= {"SAR": 0, "EXCCAUSE": cpu.cause, "EXCVADDR": cpu.address, "LBEG": 0, "LEND": 0, "LCOUNT": 0}
    cells = [f"{name:<8}: 0x{value & 0xFFFFFFFF:08x}  " for name, value in values.items()]
    rows = ["".join(cells[start : start + 4]) for start in range(0, len(cells), 4)]
    return f"Core  {core} register dump:\n" + "\n".join(rows) + "\n"
