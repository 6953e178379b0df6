"""The doctor's checks neither hang nor throw."""

import threading

from kitbench.doctor.check import Line, State, run_checks
from kitbench.errors import BenchError


def healthy() -> Line:
    """Return a good line."""
    return Line("it", State.OK, "fine")


def ill() -> Line:
    """Raise what no check should."""
    raise ZeroDivisionError("a bug\nof two lines")


def known() -> Line:
    """Raise an error that carries its fix."""
    raise BenchError("the port is gone", fix="plug it in")


def test_lines_come_in_the_order_of_the_checks() -> None:
    assert [line.state for line in run_checks([("a", healthy), ("b", ill), ("c", healthy)])] == ["ok", "fail", "ok"]


def test_an_unforeseen_error_is_one_line() -> None:
    assert run_checks([("b", ill)]) == [Line("b", State.FAIL, "ZeroDivisionError: a bug")]


def test_a_known_error_brings_its_fix() -> None:
    assert run_checks([("c", known)])[0].fix == "plug it in"


def test_a_check_that_hangs_is_a_line_and_not_a_wait() -> None:
    release = threading.Event()

    lines = run_checks([("slow", lambda: (release.wait(30) and healthy()) or healthy())], within_s=0.05)
    release.set()

    assert "no answer within" in lines[0].detail
