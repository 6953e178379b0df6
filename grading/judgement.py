"""What can be said about one requirement: passed, failed (the student's fault alone), or not graded."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from kitbench.errors import Fault, KitbenchError
from kitbench.quoting.terminal import printable_line

LONGEST_REASON = 300
#: The stage of a bonus that was not tried: no point is lost.
UNCLAIMED = "not claimed"
#: The stage of what was not handed in at all, or left open in what was.
MISSING: Final = "missing"
#: The stage of a mark that a person gave.
BY_HAND = "by hand"


class Outcome(StrEnum):
    """Three things, never two: a bench that could not look is not a student who failed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_GRADED = "not_graded"


def one_line(text: str) -> str:
    """Return `text` as one printable line of bounded length: it may come from a student's file."""
    line = printable_line(text[: 4 * LONGEST_REASON])
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something that was to be judged is not there, in one line, with whose fault it is.

    `lacks` is the feature that a stand-in lacks, where that is the reason.
    """

    fault: Fault
    stage: str
    reason: str
    lacks: str = ""

    @classmethod
    def of(cls, error: KitbenchError) -> Self:
        """Turn an error of the bench's families into a value."""
        fix = f" — {error.fix}" if error.fix else ""
        return cls(error.fault, error.stage, one_line(error.message + fix), error.lacks)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome of one requirement; anything but a pass gives its reason, stage and whose fault it is.

    `lacks` is the feature that a stand-in lacks, where that is why it was not graded; `is_left_out` says that nothing
    was looked at, as the rubric allows: such a pass counts only beside others.
    """

    outcome: Outcome
    reason: str = ""
    stage: str = ""
    fault: Fault | None = None
    lacks: str = ""
    is_left_out: bool = False

    def __post_init__(self) -> None:
        if self.outcome is Outcome.FAILED and self.fault is not Fault.STUDENT:
            raise ValueError(f"only a student's fault costs points, not {self.fault!r}")
        if self.outcome is not Outcome.PASSED and not self.reason:
            raise ValueError("a lost point needs a reason")


def passed(reason: str = "") -> Judgement:
    """Return a pass; its reason says what was seen."""
    return Judgement(Outcome.PASSED, one_line(reason))


def failed(reason: str, *, stage: str) -> Judgement:
    """Return a failure, which is the student's."""
    return Judgement(Outcome.FAILED, one_line(reason), stage, Fault.STUDENT)


def not_graded(reason: str, *, stage: str, fault: Fault = Fault.BENCH, lacks: str = "") -> Judgement:
    """Return that nobody could judge, and why; `lacks` names a stand-in's gap."""
    return Judgement(Outcome.NOT_GRADED, one_line(reason), stage, fault, lacks)


def judge_problem(problem: Problem) -> Judgement:
    """A student's problem fails the requirement; anybody else's leaves it not graded."""
    if problem.fault is Fault.STUDENT:
        return failed(problem.reason, stage=problem.stage)
    return not_graded(problem.reason, stage=problem.stage, fault=problem.fault, lacks=problem.lacks)
