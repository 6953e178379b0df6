"""Whose fault an exception is; only the student's costs points."""

import pexpect
import pytest

from kitbench.bench.records.run_report import CheckOutcome
from kitbench.errors import BenchError, CloudError, Fault, GapError, KitError
from kitbench.pytest_plugin.blame import blame


@pytest.mark.parametrize(
    ("error", "outcome", "fault"),
    [
        (KitError("it crashed", stage="boot"), CheckOutcome.FAILED, Fault.STUDENT),
        (AssertionError("differs"), CheckOutcome.FAILED, Fault.STUDENT),
        (pexpect.TIMEOUT("no line"), CheckOutcome.FAILED, Fault.STUDENT),
        (GapError("C++"), CheckOutcome.NOT_GRADED, Fault.BENCH),
        (BenchError("port is busy"), CheckOutcome.NOT_GRADED, Fault.BENCH),
        (CloudError("throttled"), CheckOutcome.NOT_GRADED, Fault.CLOUD),
        (RuntimeError("a bug of ours"), CheckOutcome.NOT_GRADED, Fault.BENCH),
        (MemoryError(), CheckOutcome.NOT_GRADED, Fault.BENCH),
    ],
)
def test_each_error_has_its_owner(error: Exception, outcome: CheckOutcome, fault: Fault) -> None:
    verdict = blame(error, in_test=True, is_claim=True)

    assert (verdict.outcome, verdict.fault) == (outcome, fault)


def test_what_a_stand_in_lacks_is_named() -> None:
    assert blame(GapError("C++", where="main/a.cpp"), in_test=False, is_claim=False).lacks == "C++"
    assert blame(BenchError("port is busy"), in_test=False, is_claim=False).lacks == ""


@pytest.mark.parametrize(("in_test", "is_claim"), [(False, True), (True, False), (False, False)])
def test_an_assertion_of_somebody_else_is_not_the_students(*, in_test: bool, is_claim: bool) -> None:
    assert blame(AssertionError("our fixture"), in_test=in_test, is_claim=is_claim).fault is Fault.BENCH


def test_a_project_that_does_not_build_is_the_students_in_setup_too() -> None:
    verdict = blame(KitError("main.c:3: error", stage="build"), in_test=False, is_claim=False)

    assert (verdict.outcome, verdict.stage) == (CheckOutcome.FAILED, "build")


def test_a_skip_shows_nothing() -> None:
    with pytest.raises(pytest.skip.Exception) as caught:
        pytest.skip("no secure element fitted")

    assert blame(caught.value, in_test=False, is_claim=False).outcome is CheckOutcome.NOT_GRADED


def test_reason_is_one_bounded_line() -> None:
    reason = blame(KitError("first\nsecond " + "x" * 1000), in_test=True, is_claim=True).reason

    assert reason == "first"
    assert blame(AssertionError("first\nassert 1 == 2"), in_test=True, is_claim=True).reason == "first"


def test_assertion_that_says_nothing_has_a_reason_all_the_same() -> None:
    assert blame(AssertionError(), in_test=True, is_claim=True).reason == "AssertionError"
