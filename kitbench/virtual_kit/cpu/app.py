"""One run of an app, from the boot loader's jump until EN goes low."""

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final

import wasmtime

from kitbench.virtual_kit.cpu import faults, panic_text
from kitbench.virtual_kit.cpu.clock import Clock
from kitbench.virtual_kit.cpu.console import Console
from kitbench.virtual_kit.cpu.engine import compile_module, engine, interrupt_all
from kitbench.virtual_kit.cpu.guest_memory import GuestFaultError, GuestMemory
from kitbench.virtual_kit.cpu.host_calls import host_calls
from kitbench.virtual_kit.cpu.host_calls.uart import UART_RX
from kitbench.virtual_kit.cpu.machine import GuestTask, Machine, Panic, PanicKind
from kitbench.virtual_kit.cpu.rate_limit import RateLimit
from kitbench.virtual_kit.cpu.reset_reason import ResetReason
from kitbench.virtual_kit.cpu.rtc_memory import RtcMemory
from kitbench.virtual_kit.cpu.scheduler import Scheduler
from kitbench.virtual_kit.cpu.task_thread import TaskThread
from kitbench.virtual_kit.cpu.wasm_calls import (
    HOST_CALL_FAILED,
    HostCall,
    SharedMemory,
    TaskEndedError,
    WasmTrapError,
    define,
)
from kitbench.virtual_kit.hardware.cpu_interface import Peripherals

_MOST_PAGES: Final = 64
_STOP_TIMEOUT_S: Final = 0.1
#: What an app may cause in the kit's own log.
_LOG_LINES_PER_SECOND: Final = 2.0
_LOG_BURST: Final = 100.0
#: What one run of an app may be said to have asked for in vain.
_GAPS_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class AppCode:
    """What runs: the WebAssembly, the SHA-256 of its ELF file in hex, the flash offset of its image."""

    module: bytes
    elf_sha256: str
    offset: int


class App:
    """A running app; implements `RunningApp`.

    Args:
        code: the app.
        reset_reason: why the app starts.
        peripherals: what the app may touch.
        leave_hint: takes what the next start is to be told, where this run ends in a panic.
        rtc_memory: what the app finds there after deep sleep, and leaves there; None: one of its own.
    """

    def __init__(
        self,
        code: AppCode,
        reset_reason: ResetReason,
        peripherals: Peripherals,
        leave_hint: Callable[[ResetReason], None] = lambda _hint: None,
        rtc_memory: RtcMemory | None = None,
    ) -> None:
        self._code = code
        self._reset_reason = reset_reason
        self._leave_hint = leave_hint
        self._rtc_memory = rtc_memory or RtcMemory()
        self._peripherals = peripherals
        self._scheduler = Scheduler()
        self._console = Console(peripherals.uart_write, peripherals.clock_factor, lambda: self._scheduler.stopped)
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._panicked = False
        self._machine: Machine | None = None
        self._linker: wasmtime.Linker | None = None
        self._log_limit = RateLimit(_LOG_LINES_PER_SECOND, _LOG_BURST)
        self._gaps: set[str] = set()

    def start(self) -> None:
        """Compile and run in threads of its own; returns at once."""
        threading.Thread(target=self._boot, name="kit-boot", daemon=True).start()

    def uart_input(self, data: bytes) -> None:
        """Put received bytes into UART0's buffer and wake who waits for them."""
        if lost := self._console.feed(data):
            self._log(f"UART0: receive buffer full, {lost} bytes lost")
        self._scheduler.wake(UART_RX, everyone=True)

    def stop(self) -> None:
        """End every task and connection; idempotent, never hangs."""
        self._halt()
        end = time.monotonic() + _STOP_TIMEOUT_S
        with self._lock:
            threads = [thread for thread in self._threads if thread is not threading.current_thread()]
        for thread in threads:
            thread.join(max(end - time.monotonic(), 0))
            if thread.is_alive():
                interrupt_all()
        with self._lock:
            # The engine's functions refer to the machine, and the machine to the engine's linker: without this cut
            # the memory of each run would stay for ever.
            self._threads.clear()
            self._linker = None
            self._machine = None

    def _halt(self) -> None:
        self._scheduler.stop()
        interrupt_all()
        with self._lock:
            releases = [] if self._machine is None else list(self._machine.on_stop)
        for release in releases:
            release()

    def _boot(self) -> None:
        try:
            module = compile_module(self._code.module)
            linker = wasmtime.Linker(engine())
            machine = self._build_machine(linker, module)
        except (ValueError, wasmtime.WasmtimeError, WasmTrapError) as error:
            self._log(f"cpu: the app cannot run: {error}")
            self._lacks(f"a CPU for this app: {error}")
            return
        with self._lock:
            if not self._scheduler.stopped:
                self._machine, self._linker = machine, linker
        if self._machine is None:
            for release in machine.on_stop:
                release()
            return
        self._scheduler.preempt = machine.preempt
        self._start_task(GuestTask(0, "main", 24, stack_top=0, stack_bottom=0), module)

    def _build_machine(self, linker: wasmtime.Linker, module: wasmtime.Module) -> Machine:
        shared = SharedMemory(engine(), wasmtime.MemoryType(_memory_limits(module), shared=True))
        # The linker wants a store to check that item and linker belong to the same engine.
        shared.define_in(linker, wasmtime.Store(engine()))
        machine = Machine(
            peripherals=replace(self._peripherals, log=self._log, lacks=self._lacks),
            app_offset=self._code.offset,
            reset_reason=self._reset_reason,
            memory=GuestMemory(shared),
            scheduler=self._scheduler,
            clock=Clock(self._peripherals.clock_factor),
            console=self._console,
            start_task=lambda task: self._start_task(task, module),
            rtc_memory=self._rtc_memory,
        )
        offered = host_calls(machine)
        try:
            _check_imports(module, offered)
        except ValueError:
            for release in machine.on_stop:
                release()
            raise
        for name, host_call in offered.items():
            define(linker, name, self._guard(machine, host_call))
        return machine

    def _guard(self, machine: Machine, host_call: HostCall) -> HostCall:
        """A host call of a task that has to end does nothing; a bad pointer is the caller's panic."""
        function: Callable[..., int | None] = host_call.function

        def guarded(*arguments: int) -> int | None:
            task = machine.task
            if machine.scheduler.stopped or task.killed:
                raise TaskEndedError
            if task.has_overflowed:
                task.panic = Panic(PanicKind.STACK_OVERFLOW, "")
                raise TaskEndedError
            try:
                return function(*arguments)
            except GuestFaultError as error:
                task.bad_pointer = error.address
                raise TaskEndedError from error

        return HostCall(host_call.parameters, host_call.result, guarded)

    def _start_task(self, task: GuestTask, module: wasmtime.Module) -> None:
        with self._lock:
            if self._machine is None or self._linker is None:
                return
            thread = TaskThread(self._machine, task, self._linker, module, self._on_fault)
            self._threads = [old for old in self._threads if old.is_alive()]
            self._threads.append(thread)
            thread.start()
        self._scheduler.add(task)

    def _log(self, line: str) -> None:
        """Note a line in the kit's log, unless the app has filled it."""
        if self._log_limit.allows():
            self._peripherals.log(line)

    def _lacks(self, feature: str) -> None:
        """Tell once what the app asked for in vain."""
        if feature not in self._gaps and len(self._gaps) < _GAPS_MOST:
            self._gaps.add(feature)
            self._peripherals.lacks(feature)

    def _on_fault(self, task: GuestTask, trap: WasmTrapError) -> None:
        """Print the panic and reset; of several tasks that fault at once the first one counts."""
        with self._lock:
            if self._panicked:
                return
            self._panicked = True
        if (cause := trap.message.rpartition("\n")[2].strip()).startswith(HOST_CALL_FAILED):
            self._log(f"cpu: {cause}")
        if lacks := faults.gap_behind(trap, module=self._code.module):
            self._lacks(lacks)
        self._halt()
        verdict = faults.judge(task, trap, module=self._code.module)
        text = verdict.text + panic_text.ending(self._code.elf_sha256)
        self._peripherals.uart_write(text.replace("\n", "\r\n").encode())
        self._leave_hint(verdict.hint)
        self._peripherals.reset(verdict.cause)


def _memory_limits(module: wasmtime.Module) -> wasmtime.Limits:
    """Return the limits of the memory that the app imports, in pages of 64 KB; never more than the kit gives."""
    for entry in module.imports:
        if isinstance(entry.type, wasmtime.MemoryType) and entry.type.limits.min < _MOST_PAGES:
            return wasmtime.Limits(entry.type.limits.min, _MOST_PAGES)
    raise ValueError(f"it imports no memory of less than {_MOST_PAGES} pages")


def _check_imports(module: wasmtime.Module, offered: Collection[str]) -> None:
    for entry in module.imports:
        if entry.module != "env" or (entry.name not in offered and entry.name != "memory"):
            raise ValueError(f"it imports {entry.module}.{entry.name}, which is not among the host calls")
