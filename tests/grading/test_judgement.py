"""A judgement cannot be made that would cost a point without a student's fault or without a reason."""

import pytest

from grading.judgement import LONGEST_REASON, Judgement, Outcome, Problem, judge_problem, one_line
from kitbench.errors import BenchError, Fault, KitError


@pytest.mark.parametrize("fault", [None, Fault.BENCH, Fault.CLOUD, Fault.CALLER])
def test_failure_is_the_students_or_none(fault: Fault | None) -> None:
    assert Judgement(Outcome.FAILED, "it crashed", "run", Fault.STUDENT).reason == "it crashed"

    with pytest.raises(ValueError, match="only a student's fault costs points"):
        Judgement(Outcome.FAILED, "it crashed", "run", fault)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.NOT_GRADED])
def test_anything_but_a_pass_has_a_reason(outcome: Outcome) -> None:
    assert Judgement(Outcome.PASSED).reason == ""

    with pytest.raises(ValueError, match="a lost point needs a reason"):
        Judgement(outcome, "", "run", Fault.STUDENT)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault.STUDENT, Outcome.FAILED),
        (Fault.BENCH, Outcome.NOT_GRADED),
        (Fault.CLOUD, Outcome.NOT_GRADED),
        (Fault.CALLER, Outcome.NOT_GRADED),
    ],
)
def test_problem_costs_the_student_only_what_is_the_students(fault: Fault, outcome: Outcome) -> None:
    judged = judge_problem(Problem(fault, "flash", "it broke"))

    assert judged == Judgement(outcome, "it broke", "flash", fault)


def test_problem_of_an_error_tells_its_fix() -> None:
    assert Problem.of(BenchError("port busy", stage="flash", fix="close the monitor")) == Problem(
        Fault.BENCH, "flash", "port busy — close the monitor"
    )
    assert Problem.of(KitError("it crashed", stage="run")) == Problem(Fault.STUDENT, "run", "it crashed")


def test_reason_is_one_line_of_bounded_length() -> None:
    assert one_line("a\n\x1b[31m b\t c") == "a [31m b c"
    assert one_line("x" * LONGEST_REASON) == "x" * LONGEST_REASON
    assert one_line("x" * 10**6) == "x" * (LONGEST_REASON - 1) + "…"
