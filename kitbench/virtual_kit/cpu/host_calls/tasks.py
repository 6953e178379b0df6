"""Tasks, waiting and waking: what the C shims build queues, event groups and timers on."""

import time

from kitbench.virtual_kit.cpu.host_calls.uart import UART_RX
from kitbench.virtual_kit.cpu.machine import GuestTask, Machine
from kitbench.virtual_kit.cpu.scheduler import TaskState
from kitbench.virtual_kit.cpu.wasm_calls import HostCall, TaskEndedError

_MOST_TASKS = 64


def host_calls(machine: Machine) -> dict[str, HostCall]:
    """Return this group's calls."""
    calls = _TaskCalls(machine)
    return {
        "kit_task_start": HostCall("iiiii", "i", calls.start),
        "kit_task_end": HostCall("i", "", calls.end),
        "kit_task_priority": HostCall("ii", "", calls.set_priority),
        "kit_task_suspend": HostCall("i", "", calls.suspend),
        "kit_task_resume": HostCall("i", "", calls.resume),
        "kit_task_abort_delay": HostCall("i", "i", calls.abort_delay),
        "kit_task_state": HostCall("i", "i", calls.state),
        "kit_block": HostCall("iI", "i", calls.block),
        "kit_wake": HostCall("ii", "", calls.wake),
        "kit_yield": HostCall("", "", calls.yield_),
        "kit_interrupts": HostCall("i", "", calls.interrupts),
        "kit_time_us": HostCall("", "I", machine.clock.now_us),
        "kit_real_time_us": HostCall("", "I", machine.clock.real_us),
    }


class _TaskCalls:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._scheduler = machine.scheduler

    def start(self, handle: int, stack_top: int, stack_bottom: int, priority: int, name: int) -> int:
        if not handle:
            return 0
        if len(self._scheduler.tasks()) >= _MOST_TASKS:
            self._machine.peripherals.lacks(f"more than {_MOST_TASKS} tasks")
            return 0
        text = self._machine.memory.read_text(name, 16)
        task = GuestTask(handle, text, priority, stack_top=stack_top, stack_bottom=stack_bottom)
        self._machine.start_task(task)
        self._scheduler.let_others_run(self._machine.task, equals=False)
        return 1

    def end(self, handle: int) -> None:
        task = self._machine.task
        if handle in (0, task.handle):
            self._scheduler.remove(task)
            task.killed = True
            raise TaskEndedError
        if (other := self._scheduler.find(handle)) is not None:
            self._scheduler.kill(other)

    def set_priority(self, handle: int, priority: int) -> None:
        if (task := self._scheduler.find(handle)) is not None:
            self._scheduler.set_priority(task, priority)
            self._scheduler.let_others_run(self._machine.task, equals=False)

    def suspend(self, handle: int) -> None:
        task = self._scheduler.find(handle)
        if task is None:
            return
        self._scheduler.suspend(task)
        if task is self._machine.task:
            self._scheduler.let_others_run(task, equals=False)

    def resume(self, handle: int) -> None:
        if (task := self._scheduler.find(handle)) is not None:
            self._scheduler.resume(task)
            self._scheduler.let_others_run(self._machine.task, equals=False)

    def abort_delay(self, handle: int) -> int:
        task = self._scheduler.find(handle)
        if task is None or task.state is not TaskState.BLOCKED:
            return 0
        self._scheduler.wake_task(task)
        self._scheduler.let_others_run(self._machine.task, equals=False)
        return 1

    def state(self, handle: int) -> int:
        task = self._scheduler.find(handle)
        if task is None:
            return TaskState.DELETED.value
        return (TaskState.SUSPENDED if task.suspended else task.state).value

    def block(self, waits_for: int, timeout_us: int) -> int:
        task = self._machine.task
        timeout_s = self._machine.clock.real_seconds(timeout_us)
        if waits_for != UART_RX:
            return int(self._scheduler.block(task, waits_for, timeout_s))
        console, seen = self._machine.console, task.uart_feeds_seen
        return int(self._scheduler.block(task, waits_for, timeout_s, has_happened=lambda: console.feeds != seen))

    def wake(self, waited_for: int, everyone: int) -> None:
        self._scheduler.wake(waited_for, everyone=bool(everyone))
        self._scheduler.let_others_run(self._machine.task, equals=False)

    def yield_(self) -> None:
        self._scheduler.let_others_run(self._machine.task, equals=True)

    def interrupts(self, disabled: int) -> None:
        self._machine.task.interrupts_off_since = time.monotonic() if disabled else None
