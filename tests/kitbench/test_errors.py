"""Whose fault an error is, and what it says."""

from kitbench.errors import BenchError, Fault, GapError, KitError


def test_gap_is_the_benchs_and_says_what_grades_it() -> None:
    gap = GapError("header driver/mcpwm.h", where="main/a.c:2")

    assert isinstance(gap, BenchError)
    assert (gap.fault, gap.lacks) == (Fault.BENCH, "header driver/mcpwm.h")
    assert str(gap).startswith("build: not graded: the virtual kit lacks header driver/mcpwm.h (main/a.c:2) — ")
    assert "--kit" in gap.fix


def test_other_errors_lack_nothing() -> None:
    assert KitError("it crashed").lacks == BenchError("port busy").lacks == ""
