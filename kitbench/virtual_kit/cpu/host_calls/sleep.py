"""Deep sleep: the app ends, the RTC memory stays, and the timer starts the chip over."""

import threading

from kitbench.virtual_kit.cpu.machine import Machine
from kitbench.virtual_kit.cpu.rtc_memory import SIZE
from kitbench.virtual_kit.cpu.wasm_calls import HostCall, TaskEndedError
from kitbench.virtual_kit.hardware.cpu_interface import ResetCause


def host_calls(machine: Machine) -> dict[str, HostCall]:
    """Return this group's calls."""

    def deep_sleep(timer_us: int, address: int, size: int) -> None:
        machine.rtc_memory.keep(machine.memory.read(address, min(max(size, 0), SIZE)) if size else b"")
        machine.scheduler.stop()
        if timer_us >= 0:
            seconds = machine.clock.real_seconds(timer_us) or 0.0
            # A reset in between starts another life, in which the chip ignores this one's alarm.
            alarm = threading.Timer(seconds, machine.peripherals.reset, (ResetCause.DEEPSLEEP,))
            alarm.daemon = True
            machine.on_stop.append(alarm.cancel)
            alarm.start()
        raise TaskEndedError

    def restore(address: int, size: int) -> int:
        content = machine.rtc_memory.take()
        if not content or len(content) != size:
            return 0
        machine.memory.write(address, content)
        return 1

    return {
        "kit_deep_sleep": HostCall("Iii", "", deep_sleep),
        "kit_rtc_restore": HostCall("ii", "i", restore),
    }
