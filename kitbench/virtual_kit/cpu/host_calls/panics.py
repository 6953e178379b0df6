"""Panics that the app asks for: abort, assert, ESP_ERROR_CHECK."""

from kitbench.virtual_kit.cpu.machine import Machine, Panic, PanicKind
from kitbench.virtual_kit.cpu.wasm_calls import EndTask, HostCall


def host_calls(machine: Machine) -> dict[str, HostCall]:
    """Return this group's calls."""

    def panic(kind: int, address: int, size: int) -> None:
        text = machine.memory.read(address, min(max(size, 0), 1024)).decode(errors="replace") if size else ""
        known = kind in PanicKind.__members__.values()
        machine.task.panic = Panic(PanicKind(kind) if known else PanicKind.ABORT, text)
        raise EndTask

    return {"kit_panic": HostCall("iii", "", panic)}
