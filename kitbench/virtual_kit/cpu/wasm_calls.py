"""Calls between the host and WebAssembly, in both directions, safe under threads.

wasmtime-py keeps the last exception of a host call in a module global, so that under threads a call may raise what
another thread's call ended with. Here no Python exception crosses: a host call ends in a value or in a trap.
"""

import ctypes
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import wasmtime
from wasmtime import _ffi as ffi

#: What a trap says when a host call itself failed, which is no fault of the app's.
HOST_CALL_FAILED: Final = "host call failed"
#: Traps that end a task on purpose carry this text, so that they are told from a fault of the app.
ENDED: Final = "task ended"

_TYPES: Final = {"i": wasmtime.ValType.i32, "I": wasmtime.ValType.i64}
_KINDS: Final = {"i": 0, "I": 1}


@dataclass(frozen=True, slots=True)
class HostCall:
    """A function that the app may import.

    Attributes:
        parameters: one letter each, i for i32 and I for i64.
        result: one such letter, or empty.
        function: gets the parameters as signed integers.
    """

    parameters: str
    result: str
    function: Callable[..., int | None]


class TaskEndedError(Exception):
    """A host call raises it to end the calling task instead of returning into the app."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of a trap's backtrace, innermost first: `offset` in the module, `function` as the name section has it."""

    offset: int
    function: str


class WasmTrapError(Exception):
    """Execution of the app stopped. `code` is None when a host call or an epoch ended it."""

    def __init__(self, message: str, code: wasmtime.TrapCode | None, frames: tuple[Frame, ...]) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.frames = frames


def _context(store: wasmtime.Store) -> Any:
    return store._context()  # noqa: SLF001 - the only way to the C API


_calls: dict[int, HostCall] = {}
_numbers = itertools.count(1)


def _answer(number: int, _caller: Any, values: Any, count: int, results: Any, _result_count: int) -> int:
    call = _calls[number]
    try:
        arguments = [
            values[index].of.i64 if letter == "I" else values[index].of.i32
            for index, letter in enumerate(call.parameters[:count])
        ]
        value = call.function(*arguments)
        if call.result:
            _store_result(results[0], call.result, value or 0)
    except TaskEndedError:
        return _new_trap(ENDED)
    except BaseException as error:  # noqa: BLE001 - nothing may cross into wasmtime's frames
        return _new_trap(f"{HOST_CALL_FAILED}: {type(error).__name__}: {error}")
    return 0


_trampoline: Final = ffi.wasmtime_func_callback_t(_answer)


def _store_result(slot: Any, letter: str, value: int) -> None:
    slot.kind = _KINDS[letter]
    if letter == "I":
        slot.of.i64 = value
    else:
        slot.of.i32 = value


def _new_trap(message: str) -> int:
    text = message.encode(errors="replace")
    trap = ffi.wasmtime_trap_new(ctypes.create_string_buffer(text), len(text))
    return ctypes.cast(trap, ctypes.c_void_p).value or 0


def _forget(number: int) -> None:
    _calls.pop(number, None)


_forget_callback: Final = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(_forget)


def define(linker: wasmtime.Linker, name: str, call: HostCall) -> None:
    """Let modules import `call` as `env.<name>`; the linker keeps it alive."""
    number = next(_numbers)
    _calls[number] = call
    kind = wasmtime.FuncType([_TYPES[letter]() for letter in call.parameters], [_TYPES[r]() for r in call.result])
    text = name.encode()
    error = ffi.wasmtime_linker_define_func(
        linker.ptr(),
        ctypes.create_string_buffer(b"env"),
        3,
        ctypes.create_string_buffer(text),
        len(text),
        kind.ptr(),
        _trampoline,
        number,
        _forget_callback,
    )
    _raise_error(error)


def call(store: wasmtime.Store, function: wasmtime.Func, *arguments: int) -> None:
    """Call an export that takes i32 and returns nothing.

    Raises:
        WasmTrapError: it did not return by itself.
    """
    values = (ffi.wasmtime_val_t * max(len(arguments), 1))()
    for slot, argument in zip(values, arguments, strict=False):
        _store_result(slot, "i", ctypes.c_int32(argument).value)
    trap = ctypes.POINTER(ffi.wasm_trap_t)()
    error = ffi.wasmtime_func_call(
        _context(store),
        ctypes.byref(function._func),  # noqa: SLF001 - the only way to the C API
        values,
        len(arguments),
        None,
        0,
        ctypes.byref(trap),
    )
    _raise_error(error)
    if trap:
        raise _from_trap(wasmtime.Trap._from_ptr(trap))  # noqa: SLF001 - the only way to own a C trap


def _from_trap(trap: Any) -> WasmTrapError:
    frames = tuple(Frame(frame.module_offset, frame.func_name or "?") for frame in trap.frames)
    return WasmTrapError(trap.message, trap.trap_code, frames)


def _raise_error(error: Any) -> None:
    if not error:
        return
    trace = ffi.wasm_frame_vec_t(0, None)
    ffi.wasmtime_error_wasm_trace(error, ctypes.byref(trace))
    frames = tuple(
        Frame(ffi.wasm_frame_module_offset(trace.data[i]), _frame_name(trace.data[i])) for i in range(trace.size)
    )
    ffi.wasm_frame_vec_delete(ctypes.byref(trace))
    raise WasmTrapError(str(wasmtime.WasmtimeError._from_ptr(error)), None, frames)  # noqa: SLF001 - as above


def _frame_name(frame: Any) -> str:
    name = ffi.wasmtime_frame_func_name(frame)
    return str(ffi.to_str(name.contents)) if name else "?"


_EpochCallback = ctypes.CFUNCTYPE(
    ctypes.c_size_t,
    ctypes.POINTER(ffi.wasmtime_context_t),
    ctypes.c_void_p,
    ctypes.POINTER(ctypes.c_uint64),
    ctypes.POINTER(ctypes.c_uint8),
)


def on_epoch(store: wasmtime.Store, may_go_on: Callable[[], bool]) -> Any:
    """Ask `may_go_on` whenever the engine's epoch moves while the store runs; False ends the run.

    Returns:
        An object that must live as long as the store.
    """

    def callback(_context: Any, _data: Any, delta: Any, kind: Any) -> int:
        if may_go_on():
            delta[0] = 1
            kind[0] = 0
            return 0
        error = ffi.wasmtime_error_new(ctypes.create_string_buffer(ENDED.encode()))
        return ctypes.cast(error, ctypes.c_void_p).value or 0

    kept = _EpochCallback(callback)
    nothing = ctypes.cast(0, ctypes.CFUNCTYPE(None, ctypes.c_void_p))
    ffi.wasmtime_store_epoch_deadline_callback(store.ptr(), kept, None, nothing)
    store.set_epoch_deadline(1)
    return kept


class SharedMemory:
    """A linear memory that all instances of one app share.

    wasmtime-py's own wrapper hands a pointer to a pointer to the linker and cannot tell its size.
    """

    def __init__(self, engine: wasmtime.Engine, kind: wasmtime.MemoryType) -> None:
        self._memory = wasmtime.SharedMemory(engine, kind)

    def define_in(self, linker: wasmtime.Linker, store: wasmtime.Store) -> None:
        """Let modules import it as `env.memory`."""
        union = ffi.wasmtime_extern_union(sharedmemory=self._memory.ptr())
        item = ffi.wasmtime_extern_t(ffi.WASMTIME_EXTERN_SHAREDMEMORY, union)
        error = ffi.wasmtime_linker_define(
            linker.ptr(),
            _context(store),
            ctypes.create_string_buffer(b"env"),
            3,
            ctypes.create_string_buffer(b"memory"),
            6,
            ctypes.byref(item),
        )
        _raise_error(error)

    @property
    def address(self) -> int:
        """Where the memory begins in this process; it never moves."""
        return ctypes.cast(self._memory.data_ptr(), ctypes.c_void_p).value or 0

    @property
    def size(self) -> int:
        """Bytes at this moment: the app may grow it."""
        return int(self._memory.data_len())
