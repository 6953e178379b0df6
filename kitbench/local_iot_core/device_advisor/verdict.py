"""The verdict of a test of Device Advisor."""

from dataclasses import dataclass
from enum import StrEnum


class CaseOutcome(StrEnum):
    """How a test ended."""

    PASSED = "passed"
    WARNED = "passed with warnings"
    FAILED = "failed"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome and why.

    Attributes:
        reason: in one line, with what was seen: times, packets, alerts.
        fix: what the device's author may do; "" where nothing is to be done.
    """

    outcome: CaseOutcome
    reason: str
    fix: str = ""


def passed(reason: str) -> Verdict:
    """Return that the device does what the test asks for."""
    return Verdict(CaseOutcome.PASSED, reason)


def warned(reason: str, fix: str) -> Verdict:
    """Return that it does, but something should be better."""
    return Verdict(CaseOutcome.WARNED, reason, fix)


def failed(reason: str, fix: str) -> Verdict:
    """Return that it does not."""
    return Verdict(CaseOutcome.FAILED, reason, fix)


def not_judged(reason: str, fix: str = "") -> Verdict:
    """Return that nothing was seen by which to judge."""
    return Verdict(CaseOutcome.NOT_JUDGED, reason, fix)
