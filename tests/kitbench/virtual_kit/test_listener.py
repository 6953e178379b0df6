"""A kit that goes off leaves no socket open, whoever is just coming in."""

import gc
import socket
import sys
from typing import Any

import pytest

from kitbench.virtual_kit.kit import VirtualKit


def test_visitors_that_come_while_the_kit_goes_off_leave_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[str] = []

    def note(unraisable: Any) -> None:
        left.append(str(unraisable.exc_value))

    monkeypatch.setattr(sys, "unraisablehook", note)
    for _ in range(5):
        with VirtualKit() as kit:
            ports = (kit.door.port, kit.door.port, int(kit.url.rpartition(":")[2]))
            visitors = [socket.create_connection(("127.0.0.1", port)) for port in ports]
        for visitor in visitors:
            visitor.close()
        gc.collect()

    assert left == []
