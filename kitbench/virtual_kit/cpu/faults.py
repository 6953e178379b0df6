"""From a WebAssembly trap to the exception that the same fault raises on the ESP32."""

from dataclasses import dataclass
from typing import Final

import wasmtime

from kitbench.virtual_kit.cpu import panic_text
from kitbench.virtual_kit.cpu.machine import GuestTask, PanicKind
from kitbench.virtual_kit.cpu.wasm_calls import WasmTrap
from kitbench.virtual_kit.peripherals import ResetCause

_Code = wasmtime.TrapCode


@dataclass(frozen=True, slots=True)
class XtensaException:
    """An exception of the Xtensa core: its name in the panic text, and EXCCAUSE."""

    name: str
    cause: int


_LOAD_PROHIBITED: Final = XtensaException("LoadProhibited", 0x1C)
_STORE_PROHIBITED: Final = XtensaException("StoreProhibited", 0x1D)
_ILLEGAL_INSTRUCTION: Final = XtensaException("IllegalInstruction", 0x00)
_DIVIDE_BY_ZERO: Final = XtensaException("IntegerDivideByZero", 0x06)
_FETCH_PROHIBITED: Final = XtensaException("InstrFetchProhibited", 0x14)

_EXCEPTIONS: Final = {
    _Code.MEMORY_OUT_OF_BOUNDS: _LOAD_PROHIBITED,
    _Code.HEAP_MISALIGNED: _LOAD_PROHIBITED,
    _Code.INTEGER_DIVISION_BY_ZERO: _DIVIDE_BY_ZERO,
    _Code.INDIRECT_CALL_TO_NULL: _FETCH_PROHIBITED,
    _Code.TABLE_OUT_OF_BOUNDS: _FETCH_PROHIBITED,
    _Code.BAD_SIGNATURE: _FETCH_PROHIBITED,
    _Code.NULL_REFERENCE: _FETCH_PROHIBITED,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the panic handler prints before the hash, and how the chip starts over."""

    text: str
    cause: ResetCause


def judge(task: GuestTask, trap: WasmTrap, *, stack_pointer: int, exception: XtensaException | None) -> Verdict:
    """Tell what happened to `task`.

    Args:
        task: the task that trapped.
        trap: how its run ended.
        stack_pointer: of its instance when it ended.
        exception: what the undefined-behaviour check at the trap's place stands for, where that is known.
    """
    cpu = panic_text.Cpu(trap.frames, stack_pointer)
    if task.interrupt_watchdog:
        return Verdict(panic_text.interrupt_watchdog(_with_cause(cpu, 5)), ResetCause.TG1WDT_SYS)
    overflow = trap.code is _Code.STACK_OVERFLOW or (task.stack_bottom and stack_pointer < task.stack_bottom)
    if overflow or (task.panic and task.panic.kind is PanicKind.STACK_OVERFLOW):
        return Verdict(panic_text.stack_overflow(task.name, cpu), ResetCause.SW_CPU)
    if task.task_watchdog:
        return Verdict(panic_text.task_watchdog(cpu), ResetCause.SW_CPU)
    if task.panic is not None:
        return Verdict(panic_text.requested(task.panic, cpu), ResetCause.SW_CPU)
    known = exception or (_EXCEPTIONS.get(trap.code) if trap.code else None) or _ILLEGAL_INSTRUCTION
    return Verdict(panic_text.exception(known.name, _with_cause(cpu, known.cause)), ResetCause.SW_CPU)


def _with_cause(cpu: panic_text.Cpu, cause: int) -> panic_text.Cpu:
    return panic_text.Cpu(cpu.frames, cpu.stack_pointer, cause=cause)
