"""Deep sleep by host calls: the RTC memory stays, the task ends, the timer wakes the chip."""

import threading

import pytest

from kitbench.virtual_kit.cpu.host_calls import sleep
from kitbench.virtual_kit.cpu.wasm_calls import TaskEndedError
from kitbench.virtual_kit.hardware.cpu_interface import ResetCause
from tests.kitbench.virtual_kit.cpu.host_calls.guest import BUFFER, Guest


def test_rtc_memory_is_given_back_once_and_only_at_its_size() -> None:
    guest = Guest(sleep.host_calls)
    with pytest.raises(TaskEndedError):
        guest.call("kit_deep_sleep", -1, guest.put(b"count", BUFFER), 5)

    assert guest.call("kit_rtc_restore", BUFFER + 64, 5) == 1
    assert guest.memory.read(BUFFER + 64, 5) == b"count"
    assert guest.call("kit_rtc_restore", BUFFER + 64, 5) == 0

    with pytest.raises(TaskEndedError):
        guest.call("kit_deep_sleep", -1, guest.put(b"count", BUFFER), 5)
    assert guest.call("kit_rtc_restore", BUFFER + 64, 4) == 0


def test_timer_resets_the_chip() -> None:
    guest = Guest(sleep.host_calls)
    woken = threading.Event()

    def reset(cause: ResetCause) -> None:
        guest.resets.append(cause)
        woken.set()

    guest.machine.peripherals.reset = reset

    with pytest.raises(TaskEndedError):
        guest.call("kit_deep_sleep", 1000, BUFFER, 0)

    assert woken.wait(10)
    assert guest.resets == [ResetCause.DEEPSLEEP]


def test_alarm_goes_with_the_run() -> None:
    guest = Guest(sleep.host_calls)
    with pytest.raises(TaskEndedError):
        guest.call("kit_deep_sleep", 3_600_000_000, BUFFER, 0)

    (cancel,) = guest.machine.on_stop
    cancel()
    assert guest.resets == []
