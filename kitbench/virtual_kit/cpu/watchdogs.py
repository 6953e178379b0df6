"""The two watchdogs of ESP-IDF: one prints when a task hogs the CPU, the other resets when interrupts stay off.

Their thread ends time slices, too.
"""

import threading
import time
from dataclasses import dataclass
from typing import Final

from kitbench.virtual_kit.cpu.engine import interrupt_all
from kitbench.virtual_kit.cpu.machine import GuestTask, Machine

#: ESP-IDF's default of the task watchdog.
_TASK_TIMEOUT_S: Final = 5.0
#: The device's interrupt watchdog waits 0.3 s; a busy host may hold up a thread for longer than that.
_INTERRUPT_TIMEOUT_S: Final = 1.0
_LOOK_EVERY_S: Final = 0.1
#: What the time stamps of the log begin with; as in `esp_idf/src/log.c`.
_BOOT_LOADER_MS: Final = 130


@dataclass
class _Subscriber:
    task: GuestTask
    fed: float


class Watchdogs:
    """Watches one run of an app from a thread of its own."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._factor = machine.peripherals.clock_factor
        self._timeout_s = _TASK_TIMEOUT_S / self._factor
        self._panics = False
        self._idle_fed = time.monotonic()
        self._subscribers: dict[int, _Subscriber] = {}
        self._stop = threading.Event()
        machine.on_stop.append(self._stop.set)

    def start(self) -> None:
        """Begin to watch; ends with the run."""
        threading.Thread(target=self._watch, name="kit-watchdog", daemon=True).start()

    def configure(self, timeout_ms: int, panics: int) -> None:
        """Set the task watchdog's time-out, 0 for never, and whether it panics."""
        self._timeout_s = timeout_ms / 1000 / self._factor
        self._panics = bool(panics)
        self._idle_fed = time.monotonic()

    def subscribe(self, handle: int, wanted: int) -> int:
        """Watch a task, or no more; 0 where nothing changes."""
        if bool(wanted) == (handle in self._subscribers):
            return 0
        if not wanted:
            del self._subscribers[handle]
            return 1
        task = self._machine.scheduler.find(handle)
        if isinstance(task, GuestTask):
            self._subscribers[handle] = _Subscriber(task, time.monotonic())
            return 1
        return 0

    def feed(self, handle: int) -> int:
        """Note that a task is alive; 0 where it is not watched."""
        if handle not in self._subscribers:
            return 0
        self._subscribers[handle].fed = time.monotonic()
        return 1

    def status(self, handle: int) -> int:
        """Return 1 for a watched task."""
        return int(handle in self._subscribers)

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_EVERY_S):
            now = time.monotonic()
            self._machine.scheduler.end_slice()
            self._look_at_interrupts(now)
            self._look_at_tasks(now)

    def _look_at_interrupts(self, now: float) -> None:
        task = self._machine.scheduler.running
        if not isinstance(task, GuestTask):
            return
        since = task.interrupts_off_since
        if since is not None and now - since > _INTERRUPT_TIMEOUT_S:
            task.interrupt_watchdog = True
            interrupt_all()

    def _look_at_tasks(self, now: float) -> None:
        scheduler = self._machine.scheduler
        idle_seen = now if scheduler.running is None else scheduler.last_idle
        self._idle_fed = max(self._idle_fed, idle_seen)
        if self._timeout_s <= 0:
            return
        late = ["IDLE (CPU 0)"] if now - self._idle_fed > self._timeout_s else []
        watched = list(self._subscribers.values())
        late += [f"{user.task.name} (CPU 0/1)" for user in watched if now - user.fed > self._timeout_s]
        if late:
            self._bark(late, scheduler.running)
            self._idle_fed = now
            for user in watched:
                user.fed = now

    def _bark(self, late: list[str], running: object) -> None:
        name = running.name if isinstance(running, GuestTask) else "IDLE"
        lines = ["Task watchdog got triggered. The following tasks/users did not reset the watchdog in time:"]
        lines += [f" - {user}" for user in late]
        lines += ["Tasks currently running:", f"CPU 0: {name}", "CPU 1: IDLE"]
        if self._panics:
            lines.append("Aborting.")
        stamp = self._machine.clock.now_us() // 1000 + _BOOT_LOADER_MS
        text = "".join(f"E ({stamp}) task_wdt: {line}\r\n" for line in lines)
        self._machine.peripherals.uart_write(text.encode())
        if self._panics and isinstance(running, GuestTask):
            running.task_watchdog = True
            interrupt_all()
