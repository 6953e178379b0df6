"""Panics that the app asks for: abort, assert, ESP_ERROR_CHECK."""

from kitbench.virtual_kit.cpu.machine import Machine, Panic, PanicKind
from kitbench.virtual_kit.cpu.wasm_calls import HostCall, TaskEndedError

_LONGEST_TEXT = 1024


def host_calls(machine: Machine) -> dict[str, HostCall]:
    """Return this group's calls."""

    def panic(kind: int, address: int, size: int) -> None:
        known = PanicKind(kind) if kind in set(PanicKind) else PanicKind.ABORT
        if known >= PanicKind.LOAD:
            machine.task.panic = Panic(known, "", size)
            raise TaskEndedError
        text = machine.memory.read(address, min(max(size, 0), _LONGEST_TEXT)).decode(errors="replace") if size else ""
        machine.task.panic = Panic(known, text)
        raise TaskEndedError

    return {"kit_panic": HostCall("iii", "", panic)}
