"""From an exception to an outcome: whose fault it is, at which stage, in one line. Pure."""

from dataclasses import dataclass
from typing import Final

import pytest
from pexpect import ExceptionPexpect

from kitbench.bench.records.run_report import CheckOutcome, one_line
from kitbench.errors import Fault, KitbenchError, KitDeedError, NoRelayError


@dataclass(frozen=True, slots=True)
class Blame:
    """What an exception means for a check; `lacks` is a stand-in's gap that kept it from being judged, or "".

    `no_relay` is the bench's own word that it cannot lead the kit: never taken from a text, which firmware may choose.
    `is_deed` says that the kit did something, where others may follow from a gap: something did not happen.
    """

    outcome: CheckOutcome
    fault: Fault | None
    stage: str
    reason: str
    lacks: str = ""
    no_relay: bool = False
    is_deed: bool = False


PASSED: Final = Blame(CheckOutcome.PASSED, None, "", "")


def blame(error: BaseException, *, in_test: bool, is_claim: bool) -> Blame:
    """Return what `error` means.

    What a test claims of the kit and a line that the kit never printed are the kit's, and so the student's; an error
    that nobody foresaw is the bench's, a failed assertion in a fixture, a library or the bench itself too: it must not
    cost a mark.

    Args:
        error: what ended a phase of the test.
        in_test: the test itself ran, not its set-up or its end.
        is_claim: the test's own code raised it.
    """
    match error:
        case pytest.skip.Exception():
            return Blame(CheckOutcome.NOT_GRADED, Fault.BENCH, "select", one_line(str(error)))
        case KitbenchError():
            outcome = CheckOutcome.FAILED if error.fault is Fault.STUDENT else CheckOutcome.NOT_GRADED
            own = {"no_relay": isinstance(error, NoRelayError), "is_deed": isinstance(error, KitDeedError)}
            return Blame(outcome, error.fault, error.stage, one_line(str(error)), error.lacks, **own)
        case ExceptionPexpect() if in_test:
            return _of_kit(error)
        case AssertionError() | pytest.fail.Exception() if in_test and is_claim:
            return _of_kit(error)
        case _:
            text = one_line(str(error))
            return Blame(CheckOutcome.NOT_GRADED, Fault.BENCH, "bench", f"{type(error).__name__}: {text}")


def _of_kit(error: BaseException) -> Blame:
    return Blame(CheckOutcome.FAILED, Fault.STUDENT, "check", one_line(str(error)) or type(error).__name__)
