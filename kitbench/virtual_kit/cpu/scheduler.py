"""FreeRTOS's scheduler over OS threads: of all tasks of a kit, one runs at a time, the highest priority first.

A task gives the CPU away in a blocking host call, when it wakes a task of higher priority, and between two basic
blocks of the app's own code once `preempt` was called. The C library and the shims are never interrupted, so that they
need no locks of their own.
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum

from kitbench.virtual_kit.cpu.wasm_calls import TaskEndedError


class TaskState(Enum):
    """Where a task stands; the values are FreeRTOS's eTaskState."""

    RUNNING = 0
    READY = 1
    BLOCKED = 2
    SUSPENDED = 3
    DELETED = 4


class ScheduledTask:
    """What the scheduler knows of a task. `handle` is the address of its record in the app's memory."""

    def __init__(self, handle: int, name: str, priority: int) -> None:
        self.handle = handle
        self.name = name
        self.priority = priority
        self.state = TaskState.READY
        self.suspended = False
        self.killed = False
        self.waits_for = 0
        #: When it began to wait, by the scheduler's count.
        self.waits_since = 0
        self.woken = False
        self._gate = threading.Semaphore(0)

    def let_run(self) -> None:
        """Open the gate that `wait_turn` waits at."""
        self._gate.release()

    def wait_turn(self, timeout_s: float | None = None) -> bool:
        """Wait until the scheduler chose this task; False when the time-out came first."""
        return self._gate.acquire(timeout=timeout_s)


class Scheduler:
    """Decides who runs. Every method may be called by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: list[ScheduledTask] = []
        self._ready: list[ScheduledTask] = []
        self._waits = itertools.count(1)
        self.running: ScheduledTask | None = None
        self.stopped = False
        #: Called when a ready task should take the running one's place; asks the app's code to yield.
        self.preempt: Callable[[], None] = lambda: None
        #: When the CPU last had nothing to do (time.monotonic), for the task watchdog.
        self.last_idle = time.monotonic()

    def add(self, task: ScheduledTask) -> None:
        """Admit a new task; it runs when it is its turn."""
        with self._lock:
            self._tasks.append(task)
            self._make_ready(task)

    def remove(self, task: ScheduledTask) -> None:
        """Forget a task that has ended or is about to."""
        with self._lock:
            task.state = TaskState.DELETED
            if task in self._tasks:
                self._tasks.remove(task)
            self._give_up(task)

    def find(self, handle: int) -> ScheduledTask | None:
        """Return the task with this handle."""
        with self._lock:
            return next((task for task in self._tasks if task.handle == handle), None)

    def tasks(self) -> list[ScheduledTask]:
        """Return the living tasks in the order of their creation."""
        with self._lock:
            return list(self._tasks)

    def block(
        self,
        task: ScheduledTask,
        waits_for: int,
        timeout_s: float | None,
        *,
        has_happened: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Take the running task off the CPU until `wake(waits_for)` (True) or the time-out (False).

        `has_happened` tells whether what the task waits for came from outside since it last looked: asked under the
        lock that `wake` takes, so that no wake-up is lost in between.

        Raises:
            TaskEndedError: the task was deleted, or the kit is stopping.
        """
        with self._lock:
            self._check(task)
            if has_happened():
                return True
            task.waits_for, task.woken, task.state = waits_for, False, TaskState.BLOCKED
            task.waits_since = next(self._waits)
            self._give_up(task)
        # Outside the lock: whoever wakes this task needs it.
        if not task.wait_turn(timeout_s):
            with self._lock:
                # A wake-up may have come between the time-out and the lock; then it is ready already.
                if task.state is TaskState.BLOCKED:
                    self._make_ready(task)
            task.wait_turn()
        self._check(task)
        return task.woken

    def wake(self, waited_for: int, *, everyone: bool) -> None:
        """Make ready who waits for this object: the highest priority that has waited longest, or all."""
        with self._lock:
            waiting = [t for t in self._tasks if t.state is TaskState.BLOCKED and t.waits_for == waited_for]
            waiting.sort(key=lambda t: (-t.priority, t.waits_since))
            for task in waiting if everyone else waiting[:1]:
                task.woken = True
                self._make_ready(task)

    def wake_task(self, task: ScheduledTask) -> None:
        """End the wait of one task early, as xTaskAbortDelay does."""
        with self._lock:
            if task.state is TaskState.BLOCKED:
                self._make_ready(task)

    def let_others_run(self, task: ScheduledTask, *, equals: bool) -> None:
        """Give way to ready tasks of higher (or equal) priority, then go on."""
        with self._lock:
            self._check(task)
            candidates = [t for t in self._ready if not t.suspended]
            limit = task.priority if equals else task.priority + 1
            if not task.suspended and not any(t.priority >= limit for t in candidates):
                return
            task.state = TaskState.READY
            self._ready.append(task)
            self._give_up(task)
        task.wait_turn()
        self._check(task)

    @contextmanager
    def outside(self, task: ScheduledTask) -> Iterator[None]:
        """Leave the CPU to others while the task waits for the world outside (network, UART).

        Raises:
            TaskEndedError: the task was deleted meanwhile, or the kit is stopping.
        """
        with self._lock:
            self._check(task)
            task.waits_for, task.state = 0, TaskState.BLOCKED
            self._give_up(task)
        try:
            yield
        finally:
            with self._lock:
                if not self.stopped and not task.killed:
                    self._make_ready(task)
            task.wait_turn()
        self._check(task)

    def end_slice(self) -> None:
        """Let ready tasks of the running task's priority have their turn, as FreeRTOS does at each tick."""
        with self._lock:
            running = self.running
            if running and any(t.priority >= running.priority for t in self._ready if not t.suspended):
                self.preempt()

    def set_priority(self, task: ScheduledTask, priority: int) -> None:
        """Change a priority; it counts from the next choice on."""
        with self._lock:
            task.priority = priority

    def suspend(self, task: ScheduledTask) -> None:
        """Keep a task from being chosen until `resume`."""
        with self._lock:
            task.suspended = True

    def resume(self, task: ScheduledTask) -> None:
        """Let a suspended task be chosen again."""
        with self._lock:
            task.suspended = False
            if self.running is None:
                self._choose()

    def kill(self, task: ScheduledTask) -> None:
        """Have another task end at its next host call or epoch."""
        with self._lock:
            task.killed = True
            task.state = TaskState.DELETED
            if task in self._ready:
                self._ready.remove(task)
            if task in self._tasks:
                self._tasks.remove(task)
        task.let_run()

    def stop(self) -> None:
        """End all tasks: whoever waits goes on and finds that it has to end."""
        with self._lock:
            self.stopped = True
            everyone = list(self._tasks)
        for task in everyone:
            # Twice: a task may wait at its gate a second time after a time-out.
            task.let_run()
            task.let_run()

    def _check(self, task: ScheduledTask) -> None:
        if self.stopped or task.killed:
            raise TaskEndedError

    def _make_ready(self, task: ScheduledTask) -> None:
        task.state = TaskState.READY
        self._ready.append(task)
        if self.running is None:
            self._choose()
        elif task.priority >= self.running.priority:
            self.preempt()

    def _give_up(self, task: ScheduledTask) -> None:
        if task in self._ready and task is not self.running:
            self._ready.remove(task)
        if self.running is task:
            self._choose()

    def _choose(self) -> None:
        candidates = [task for task in self._ready if not task.suspended]
        if not candidates:
            self.running = None
            self.last_idle = time.monotonic()
            return
        # Of equal ones the first, which has waited longest: FreeRTOS takes turns among them.
        chosen = max(candidates, key=lambda task: task.priority)
        self._ready.remove(chosen)
        chosen.state = TaskState.RUNNING
        self.running = chosen
        chosen.let_run()
