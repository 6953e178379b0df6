"""Why the app starts, as `esp_reset_reason()` tells it."""

from enum import IntEnum
from typing import Final

from kitbench.virtual_kit.hardware.cpu_interface import ResetCause


class ResetReason(IntEnum):
    """ESP-IDF's `esp_reset_reason_t`."""

    UNKNOWN = 0
    POWERON = 1
    SW = 3
    PANIC = 4
    INT_WDT = 5
    TASK_WDT = 6
    WDT = 7
    DEEPSLEEP = 8


_BY_CAUSE: Final = {
    ResetCause.POWERON: ResetReason.POWERON,
    ResetCause.SW: ResetReason.SW,
    ResetCause.DEEPSLEEP: ResetReason.DEEPSLEEP,
    ResetCause.SW_CPU: ResetReason.SW,
    ResetCause.TG1WDT_SYS: ResetReason.INT_WDT,
    ResetCause.RTCWDT_RTC: ResetReason.WDT,
}


def reason_of(cause: ResetCause, hint: ResetReason) -> ResetReason:
    """Return the reason: what the former run left as a hint counts after a reset by software only."""
    if cause is ResetCause.SW_CPU and hint is not ResetReason.UNKNOWN:
        return hint
    return _BY_CAUSE[cause]
