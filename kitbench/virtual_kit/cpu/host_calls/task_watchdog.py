"""The task watchdog's settings and subscribers."""

from kitbench.virtual_kit.cpu.machine import Machine
from kitbench.virtual_kit.cpu.wasm_calls import HostCall
from kitbench.virtual_kit.cpu.watchdogs import Watchdogs


def host_calls(machine: Machine) -> dict[str, HostCall]:
    """Return this group's calls; the watchdogs begin to watch."""
    watchdogs = Watchdogs(machine)
    watchdogs.start()
    return {
        "kit_task_wdt_configure": HostCall("ii", "", watchdogs.configure),
        "kit_task_wdt_subscribe": HostCall("ii", "i", watchdogs.subscribe),
        "kit_task_wdt_feed": HostCall("i", "i", watchdogs.feed),
        "kit_task_wdt_status": HostCall("i", "i", watchdogs.status),
    }
