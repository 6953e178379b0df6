"""What the host calls of one run of an app share."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from kitbench.virtual_kit.cpu.clock import Clock
from kitbench.virtual_kit.cpu.console import Console
from kitbench.virtual_kit.cpu.guest_memory import GuestMemory
from kitbench.virtual_kit.cpu.reset_reason import ResetReason
from kitbench.virtual_kit.cpu.rtc_memory import RtcMemory
from kitbench.virtual_kit.cpu.scheduler import ScheduledTask, Scheduler
from kitbench.virtual_kit.hardware.cpu_interface import Peripherals, SecureElementBus


class PanicKind(IntEnum):
    """Why the app asked for a panic; the numbers stand in `include/kit/host.h`, too."""

    ABORT = 0
    TEXT = 1
    ERROR_CHECK = 2
    STACK_OVERFLOW = 3
    LOAD = 4
    STORE = 5
    DIVIDE = 6


@dataclass(frozen=True, slots=True)
class Panic:
    """A panic that the app itself asked for.

    Attributes:
        kind: abort and its kin, or the exception of the CPU that a check of the compiler stands for.
        text: what the app printed, with `{pc}` where an address belongs.
        address: that the exception is about.
    """

    kind: PanicKind
    text: str
    address: int = 0


class GuestTask(ScheduledTask):
    """A task with its stack and the reason that it ended. A stack of which both ends are 0 is the linker's own."""

    def __init__(self, handle: int, name: str, priority: int, *, stack_top: int, stack_bottom: int) -> None:
        super().__init__(handle, name, priority)
        self.stack_top = stack_top
        self.stack_bottom = stack_bottom
        #: Reads the instance's stack pointer; set once the instance stands.
        self.read_stack_pointer: Callable[[], int] = lambda: stack_top
        self.panic: Panic | None = None
        self.interrupts_off_since: float | None = None
        self.uart_feeds_seen = 0
        self.interrupt_watchdog = False
        self.task_watchdog = False
        self.bad_pointer: int | None = None

    @property
    def has_overflowed(self) -> bool:
        """Whether the stack pointer stands below the stack, as FreeRTOS asks at each switch."""
        return bool(self.stack_bottom) and self.read_stack_pointer() < self.stack_bottom


@dataclass
class Machine:
    """One run of an app: its memory, its tasks, the peripherals.

    Attributes:
        start_task: begins a task's thread.
        rtc_memory: what deep sleep keeps.
        preempt_flag: address of the word that makes the app's code yield; 0 until the first instance stands.
        reach_secure_element: returns the chip where the firmware looks for it, None where none is there.
        on_stop: called once when the run ends, from any thread; closes connections.
    """

    peripherals: Peripherals
    app_offset: int
    reset_reason: ResetReason
    memory: GuestMemory
    scheduler: Scheduler
    clock: Clock
    console: Console
    start_task: Callable[[GuestTask], None]
    rtc_memory: RtcMemory = field(default_factory=RtcMemory)
    preempt_flag: int = 0
    reach_secure_element: Callable[[], SecureElementBus | None] = lambda: None
    on_stop: list[Callable[[], None]] = field(default_factory=list)
    _local: threading.local = field(default_factory=threading.local)

    def enter_task(self, task: GuestTask) -> None:
        """Say which task the calling thread is."""
        self._local.task = task

    def preempt(self) -> None:
        """Make the app's code give way at its next basic block."""
        if self.preempt_flag:
            self.memory.write_word(self.preempt_flag, 1)

    @property
    def task(self) -> GuestTask:
        """The task that made the host call."""
        task: GuestTask = self._local.task
        return task
