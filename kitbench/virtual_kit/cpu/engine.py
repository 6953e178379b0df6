"""The WebAssembly engine, one for the whole process, and the modules compiled by it.

Compiled modules stay in memory only: a module holds its app's private key, and a cache on disk would keep it.

An app may write any module it likes into its own flash and restart, so that nothing here relies on what our compiler
would make: proposals that bring memory of their own are off, tables are bounded, and compiling happens in a process
with limits, as a function of 16 KB can keep the compiler busy for minutes.
"""

import functools
import hashlib
import threading
from collections import OrderedDict
from typing import Final

import wasmtime

from kitbench.confinement.confined_process import Box, Limits

_KEPT_MODULES: Final = 8
#: A task's instance gets this much at most; the shims' table has some hundred entries.
_MOST_TABLE_ELEMENTS: Final = 100_000
#: CPU time for compiling a module; the course's example takes half a second.
_COMPILE_CPU_SECONDS: Final = 30
_COMPILE_SECONDS: Final = 300
#: Bytes; the course's example takes 64 MB.
_COMPILE_MEMORY: Final = 1 << 30
_LARGEST_MODULE: Final = 256 << 20
_modules: "OrderedDict[bytes, wasmtime.Module]" = OrderedDict()
_lock = threading.Lock()


@functools.cache
def engine() -> wasmtime.Engine:
    """Return the process's engine."""
    config = wasmtime.Config()
    config.wasm_threads = True  # tasks share their memory; see `memory_waits` for what comes with it
    config.shared_memory = True
    config.epoch_interruption = True
    # Memory beside the one that the kit gives: a second one, one of 64 bits, a heap for garbage collection.
    config.wasm_multi_memory = False
    config.wasm_memory64 = False
    config.wasm_gc = False
    # What no compiler of ours makes: less for a hostile app to try, and for `memory_waits` to know.
    config.wasm_relaxed_simd = False
    config.wasm_simd = False
    config.wasm_tail_call = False
    config.wasm_exceptions = False
    config.wasm_function_references = False
    config.wasm_stack_switching = False
    config.wasm_wide_arithmetic = False
    config.wasm_custom_page_sizes = False
    # Without these each memory reserves 4.2 GB of address space.
    config.memory_reservation = 8 << 20
    config.memory_guard_size = 65536
    return wasmtime.Engine(config)


def new_store(engine: wasmtime.Engine) -> wasmtime.Store:
    """Return a store for one task's instance, with limits to what the instance may have of its own."""
    store = wasmtime.Store(engine)
    store.set_limits(table_elements=_MOST_TABLE_ELEMENTS, instances=1, tables=1, memories=1)
    return store


def compile_module(module: bytes) -> wasmtime.Module:
    """Return the compiled module, from memory when this process compiled it lately.

    Raises:
        ValueError: it is no WebAssembly module, or takes too much to compile.
    """
    digest = hashlib.sha256(module).digest()
    # One at a time: the compiler uses all cores itself, and kits that start together mostly run the same app.
    with _lock:
        if digest not in _modules:
            _modules[digest] = _compile(module)
        _modules.move_to_end(digest)
        while len(_modules) > _KEPT_MODULES:
            _modules.popitem(last=False)
        return _modules[digest]


def _compile(module: bytes) -> wasmtime.Module:
    # The processor's time bounds it: a busy machine must not make a module look endless.
    limits = Limits(
        _COMPILE_SECONDS, _COMPILE_CPU_SECONDS, _COMPILE_MEMORY, file_size=_LARGEST_MODULE, output=_LARGEST_MODULE
    )
    ended = Box(limits).run_module("kitbench.virtual_kit.cpu.compile_child", stdin=module)
    try:
        if ended.status == 0:
            return wasmtime.Module.deserialize(engine(), ended.output)
    except wasmtime.WasmtimeError as error:
        raise ValueError(f"the app's module cannot be loaded: {str(error).splitlines()[0]}") from error
    if ended.status < 0 or ended.limit:
        raise ValueError("the app's module takes too much time or memory to compile")
    said = (ended.errors.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
    raise ValueError(f"the app's module does not compile: {said[:200]}")


def interrupt_all() -> None:
    """Make every running task of every kit ask whether it may go on; a task that may is barely held up."""
    engine().increment_epoch()
