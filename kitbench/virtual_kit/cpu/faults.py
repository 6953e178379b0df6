"""From a WebAssembly trap to the exception that the same fault raises on the ESP32."""

from dataclasses import dataclass, replace
from itertools import dropwhile
from typing import Final

import wasmtime

from kitbench.virtual_kit.cpu import panic_text
from kitbench.virtual_kit.cpu.machine import GuestTask, PanicKind
from kitbench.virtual_kit.cpu.register_access import register_at, register_named
from kitbench.virtual_kit.cpu.reset_reason import ResetReason
from kitbench.virtual_kit.cpu.wasm_calls import HOST_CALL_FAILED, WasmTrapError
from kitbench.virtual_kit.hardware.cpu_interface import ResetCause

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
#: What GCC makes of `__builtin_trap()` is a BREAK.
_DEBUG: Final = XtensaException("Unhandled debug exception", 0x01)

_EXCEPTIONS: Final = {
    _Code.MEMORY_OUT_OF_BOUNDS: _LOAD_PROHIBITED,
    _Code.HEAP_MISALIGNED: _LOAD_PROHIBITED,
    _Code.INTEGER_DIVISION_BY_ZERO: _DIVIDE_BY_ZERO,
    _Code.INDIRECT_CALL_TO_NULL: _FETCH_PROHIBITED,
    _Code.TABLE_OUT_OF_BOUNDS: _FETCH_PROHIBITED,
    _Code.BAD_SIGNATURE: _FETCH_PROHIBITED,
    _Code.NULL_REFERENCE: _FETCH_PROHIBITED,
    _Code.UNREACHABLE: _DEBUG,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the panic handler prints before the hash, how the chip starts over, and what the next start is told."""

    text: str
    cause: ResetCause
    hint: ResetReason = ResetReason.PANIC


_REQUESTED: Final = {
    PanicKind.LOAD: _LOAD_PROHIBITED,
    PanicKind.STORE: _STORE_PROHIBITED,
    PanicKind.DIVIDE: _DIVIDE_BY_ZERO,
}
#: Functions of the shims that stand between a fault and the panic; the device's backtrace begins below them.
_NOT_SHOWN: Final = frozenset(
    {
        "kit_panic",
        "kit_abort",
        "give_up",
        "owner_of",
        "free",
        "abort",
        "__assert_func",
        "_esp_error_check_failed",
        "__ubsan_handle_type_mismatch_v1_abort",
        "__ubsan_handle_divrem_overflow_abort",
    }
)
#: Opcodes of i32.store to i64.store32; 0x28 to 0x35 load.
_STORES: Final = range(0x36, 0x3F)


def judge(task: GuestTask, trap: WasmTrapError, *, module: bytes) -> Verdict:
    """Tell what happened to `task`.

    Args:
        task: the task that trapped.
        trap: how its run ended.
        module: the app, whose instruction at the trap's place tells a load from a store.
    """
    frames = tuple(dropwhile(lambda frame: frame.function in _NOT_SHOWN, trap.frames))
    cpu = panic_text.Cpu(frames, task.read_stack_pointer())
    if task.interrupt_watchdog:
        return Verdict(panic_text.interrupt_watchdog(replace(cpu, cause=5)), ResetCause.TG1WDT_SYS)
    if task.task_watchdog:
        return Verdict(panic_text.task_watchdog(cpu), ResetCause.SW_CPU, ResetReason.TASK_WDT)
    if _has_overflowed(task, trap):
        return Verdict(panic_text.stack_overflow(task.name, cpu), ResetCause.SW_CPU)
    if task.panic is not None and task.panic.kind not in _REQUESTED:
        return Verdict(panic_text.requested(task.panic, cpu), ResetCause.SW_CPU)
    exception, address = _exception(task, trap, module)
    cpu = replace(cpu, cause=exception.cause, address=address)
    if exception is _DEBUG:
        return Verdict(panic_text.debug_exception(cpu), ResetCause.SW_CPU)
    return Verdict(panic_text.exception(exception.name, cpu), ResetCause.SW_CPU)


def gap_behind(trap: WasmTrapError, *, module: bytes) -> str:
    """Return what this CPU lacks where the ESP32 would not have stopped, "" where it would have, too."""
    last = trap.message.rpartition("\n")[2].strip()
    if last.startswith(HOST_CALL_FAILED):
        return f"an answer to what the firmware asked for: {last}"
    if trap.code is _Code.BAD_SIGNATURE:
        return "calls of a function by another type than its own"
    if trap.code is not _Code.MEMORY_OUT_OF_BOUNDS or not trap.frames:
        return ""
    if (register := register_at(module, trap.frames[0].offset)) is not None:
        return f"the peripheral register at 0x{register:08x}"
    # The address was computed: an app with addresses of peripherals in it may be about them. It earns no point by that.
    named = register_named(module)
    return "" if named is None else f"peripheral registers, as the app computes their addresses (0x{named:08x} …)"


def _has_overflowed(task: GuestTask, trap: WasmTrapError) -> bool:
    if task.panic is not None and task.panic.kind is PanicKind.STACK_OVERFLOW:
        return True
    return trap.code is _Code.STACK_OVERFLOW or task.has_overflowed


def _exception(task: GuestTask, trap: WasmTrapError, module: bytes) -> tuple[XtensaException, int]:
    """Return the exception and the address that it is about."""
    if task.panic is not None:
        return _REQUESTED[task.panic.kind], task.panic.address
    if task.bad_pointer is not None:
        return _LOAD_PROHIBITED, task.bad_pointer
    exception = _EXCEPTIONS.get(trap.code, _ILLEGAL_INSTRUCTION) if trap.code else _ILLEGAL_INSTRUCTION
    offset = trap.frames[0].offset if trap.frames else 0
    if exception is _LOAD_PROHIBITED and module[offset] in _STORES:
        exception = _STORE_PROHIBITED
    return exception, 0
