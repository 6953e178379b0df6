"""The thread of one task: an instance of the app's module with a stack of its own."""

import ctypes
import threading
from collections.abc import Callable, Mapping

import wasmtime

from kitbench.virtual_kit.cpu.engine import new_store
from kitbench.virtual_kit.cpu.machine import GuestTask, Machine
from kitbench.virtual_kit.cpu.wasm_calls import TaskEndedError, WasmTrapError, call, on_epoch

#: A task's fate: None where it ended by itself or on purpose.
OnFault = Callable[[GuestTask, WasmTrapError], None]


class TaskThread(threading.Thread):
    """Runs `kit_task_entry(handle)` of the app in an instance of its own.

    Args:
        machine: the run that the task belongs to.
        task: the task; its handle is 0 for the start-up code, which runs `kit_app_start`.
        linker: holds the shared memory and the host calls.
        module: the app.
        on_fault: gets the task and the trap when the task trapped.
    """

    def __init__(
        self, machine: Machine, task: GuestTask, linker: wasmtime.Linker, module: wasmtime.Module, on_fault: OnFault
    ) -> None:
        super().__init__(name=f"kit-{task.name}", daemon=True)
        self._machine = machine
        self._task = task
        self._linker = linker
        self._module = module
        self._on_fault = on_fault

    def run(self) -> None:
        """Wait for the first turn, run the task, tell its fate."""
        machine, task = self._machine, self._task
        machine.enter_task(task)
        task.wait_turn()
        if machine.scheduler.stopped or task.killed:
            return
        store = new_store(self._linker.engine)
        kept = on_epoch(store, self._may_go_on)
        try:
            self._run_in(store)
        finally:
            machine.scheduler.remove(task)
            store.close()
            del kept

    def _may_go_on(self) -> bool:
        task = self._task
        return not (self._machine.scheduler.stopped or task.killed or task.interrupt_watchdog or task.task_watchdog)

    def _run_in(self, store: wasmtime.Store) -> None:
        machine, task = self._machine, self._task
        try:
            exports = _Exports(self._linker.instantiate(store, self._module).exports(store))
            stack_pointer = exports.variable("__stack_pointer")
            task.read_stack_pointer = lambda: int(stack_pointer.value(store)) & 0xFFFFFFFF
            machine.preempt_flag = int(exports.variable("kit_preempt").value(store))
            if task.handle:
                stack_pointer.set_value(store, ctypes.c_int32(task.stack_top).value)
                call(store, exports.function("kit_task_entry"), task.handle)
            else:
                call(store, exports.function("_initialize"))
                call(store, exports.function("kit_app_start"))
        except WasmTrapError as trap:
            self._tell(trap)
        except (wasmtime.WasmtimeError, wasmtime.Trap, TypeError) as error:
            self._tell(WasmTrapError(str(error), None, ()))
        except TaskEndedError:
            pass

    def _tell(self, trap: WasmTrapError) -> None:
        task = self._task
        if not (self._machine.scheduler.stopped or (task.killed and task.panic is None)):
            self._on_fault(task, trap)


class _Exports:
    """What the app exports, by kind.

    Raises:
        TypeError: it exports no such thing.
    """

    def __init__(self, exports: Mapping[str, object]) -> None:
        self._exports = exports

    def function(self, name: str) -> wasmtime.Func:
        item = self._exports.get(name)
        if not isinstance(item, wasmtime.Func):
            raise TypeError(f"the app exports no function {name}")
        return item

    def variable(self, name: str) -> wasmtime.Global:
        item = self._exports.get(name)
        if not isinstance(item, wasmtime.Global):
            raise TypeError(f"the app exports no variable {name}")
        return item
