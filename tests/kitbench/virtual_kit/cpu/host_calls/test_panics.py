"""Panics by host calls: kind, text and address are kept, and the task ends."""

import pytest

from kitbench.virtual_kit.cpu.host_calls import panics
from kitbench.virtual_kit.cpu.machine import Panic, PanicKind
from kitbench.virtual_kit.cpu.wasm_calls import TaskEndedError
from tests.kitbench.virtual_kit.cpu.host_calls.guest import BUFFER, Guest


@pytest.mark.parametrize(
    ("kind", "size", "panic"),
    [
        (PanicKind.TEXT, 4, Panic(PanicKind.TEXT, "oops")),
        (PanicKind.ABORT, 0, Panic(PanicKind.ABORT, "")),
        (PanicKind.LOAD, 0x3FF, Panic(PanicKind.LOAD, "", 0x3FF)),
        (99, 4, Panic(PanicKind.ABORT, "oops")),
        (PanicKind.TEXT, -5, Panic(PanicKind.TEXT, "")),
    ],
)
def test_panic(kind: int, size: int, panic: Panic) -> None:
    guest = Guest(panics.host_calls)

    with pytest.raises(TaskEndedError):
        guest.call("kit_panic", kind, guest.put(b"oops", BUFFER), size)

    assert guest.machine.task.panic == panic


def test_endless_text_is_cut() -> None:
    guest = Guest(panics.host_calls)
    with pytest.raises(TaskEndedError):
        guest.call("kit_panic", PanicKind.TEXT, BUFFER, 0x7FFFFFFF)

    assert len(guest.machine.task.panic.text) == 1024
