"""The functions that an app may import: this list is the whole of what it can reach."""

from kitbench.virtual_kit.cpu.host_calls import (
    board,
    cryptoauth,
    flash,
    nvs,
    panics,
    sleep,
    system,
    task_watchdog,
    tasks,
    tls,
    uart,
)
from kitbench.virtual_kit.cpu.machine import Machine
from kitbench.virtual_kit.cpu.wasm_calls import HostCall


def host_calls(machine: Machine) -> dict[str, HostCall]:
    """Return all host calls by name."""
    calls: dict[str, HostCall] = {}
    for part in (board, cryptoauth, flash, nvs, panics, sleep, system, task_watchdog, tasks, tls, uart):
        calls |= part.host_calls(machine)
    return calls
