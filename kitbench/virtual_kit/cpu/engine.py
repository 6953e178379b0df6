"""The WebAssembly engine, one for the whole process, and the modules compiled by it.

Compiled modules stay in memory only: a module holds its app's private key, and a cache on disk would keep it.
"""

import functools
import hashlib
import threading
from collections import OrderedDict
from typing import Final

import wasmtime

_KEPT_MODULES: Final = 8
_modules: "OrderedDict[bytes, wasmtime.Module]" = OrderedDict()
_lock = threading.Lock()


@functools.cache
def engine() -> wasmtime.Engine:
    """Return the process's engine."""
    config = wasmtime.Config()
    config.wasm_threads = True
    config.shared_memory = True
    config.epoch_interruption = True
    # Without these each memory reserves 4.2 GB of address space.
    config.memory_reservation = 8 << 20
    config.memory_guard_size = 65536
    return wasmtime.Engine(config)


def compile_module(module: bytes) -> wasmtime.Module:
    """Return the compiled module, from memory when this process compiled it lately.

    Raises:
        ValueError: it is no WebAssembly module.
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
    try:
        return wasmtime.Module(engine(), module)
    except wasmtime.WasmtimeError as error:
        raise ValueError(f"the app's module does not compile: {str(error).splitlines()[0]}") from error


def interrupt_all() -> None:
    """Make every running task of every kit ask whether it may go on; a task that may is barely held up."""
    engine().increment_epoch()
