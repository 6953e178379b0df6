"""The monitor of a kit that is unplugged, or whose process dies."""

import threading
from typing import Any

import pytest
import serial

from kitbench.bench.project_run.backtrace_names import BacktraceNames
from kitbench.bench.project_run.monitor import Monitor, open_port
from kitbench.errors import BenchError
from kitbench.virtual_kit.kit import KitOptions, VirtualKit

_LONGEST_S = 20.0


class Unplugged:
    """A port of pyserial's whose kit leaves at one of its calls.

    Args:
        at: the call that fails.
        error: as the system says it.
    """

    in_waiting = 0

    def __init__(self, at: str, error: Exception) -> None:
        self._at, self._error = at, error

    def read(self, size: int) -> bytes:
        self._fail_at("read")
        return b"x"[:size]

    def write(self, data: bytes) -> None:
        del data
        self._fail_at("write")

    def reset_input_buffer(self) -> None:
        self._fail_at("reset_input_buffer")

    def _fail_at(self, call: str) -> None:
        if call == self._at:
            raise self._error


def monitor(port: Any) -> Monitor:
    return Monitor(port, list, BacktraceNames(None))


class LineError(Exception):
    """As termios has one that is no OSError."""


@pytest.mark.parametrize(
    ("at", "error"),
    [
        ("read", serial.SerialException("device reports readiness to read but returned no data\nmore")),
        ("read", OSError(5, "Input/output error")),
        ("reset_input_buffer", LineError(5, "Input/output error")),
    ],
)
def test_unplugged_kit_is_told_in_one_line(at: str, error: Exception) -> None:
    with pytest.raises(BenchError, match="the kit is gone: ") as caught:
        monitor(Unplugged(at, error)).run(_LONGEST_S)

    assert "\n" not in str(caught.value)


def test_key_for_a_kit_that_is_gone_is_told_too() -> None:
    gone = monitor(Unplugged("write", serial.SerialException("write failed")))

    with pytest.raises(BenchError, match="the kit is gone: write failed"):
        gone._obey(b"a", [], None)  # type: ignore[arg-type]  # no screen without an order


def test_standard_output_that_is_closed_is_not_the_kits_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str) -> None:
        raise BrokenPipeError(text)

    monkeypatch.setattr("sys.stdout.write", refuse)

    with pytest.raises(BrokenPipeError):
        monitor(Unplugged("", OSError())).run(_LONGEST_S)


def test_virtual_kit_that_ends_is_gone() -> None:
    kit = VirtualKit(KitOptions())
    with kit, open_port(kit.url) as port:
        threading.Timer(0.5, kit.__exit__, (None, None, None)).start()
        with pytest.raises(BenchError, match="the kit is gone"):
            monitor(port).run(_LONGEST_S)
