"""Whose fault it is: every error of the bench belongs to one family.

- KitbenchError
    - UsageError: the caller asked for something that cannot be; exit status 3 (pytest: 4)
    - BenchError: port, wiring, Wi-Fi, tools, disk; retried, never costs points
        - GapError: a stand-in lacks what a project rightly uses; not graded on it, and not retried on it
            - NoRelayError: the bench has no way that leads its kit to a hostile endpoint
    - CloudError: AWS or the local IoT core; retried, never costs points
    - KitError: the device under test misbehaved; with a student's firmware, the student's fault
        - KitDeedError: it did what it must not; the student's even where a stand-in lacks something
"""

from enum import StrEnum
from typing import ClassVar, Final


class Fault(StrEnum):
    """Who has to fix it. Only `STUDENT` costs points."""

    CALLER = "caller"
    BENCH = "bench"
    CLOUD = "cloud"
    STUDENT = "student"


class KitbenchError(Exception):
    """One line for the user: what happened, at which stage, whose fault, and the fix.

    Args:
        message: a lower-case fragment that names the file or port concerned.
        stage: the stage of the run, such as ``"build"``, ``"flash"``, ``"connect"``, ``"dump"``.
        fix: what to do about it, in the imperative; empty when nobody knows.
    """

    fault: ClassVar[Fault]
    #: What a stand-in lacks, for a `GapError`; "" for every other error.
    lacks: str = ""

    def __init__(self, message: str, *, stage: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.stage = stage
        self.fix = fix

    def __str__(self) -> str:
        where = f"{self.stage}: " if self.stage else ""
        fix = f" — {self.fix}" if self.fix else ""
        return f"{where}{self.message}{fix}"


class UsageError(KitbenchError):
    """The caller asked for something that cannot be."""

    fault = Fault.CALLER


class BenchError(KitbenchError):
    """Something of the bench failed: port, wiring, Wi-Fi, tool, disk."""

    fault = Fault.BENCH


#: What has what a virtual kit lacks.
REAL_KITS: Final = "a real kit grades it: --kit virtual,/dev/ttyUSB0 (a pool), or another port"


#: What a bench lacks whose kit goes its own way to the cloud: an instructor's rubric may leave out what rests on it.
NO_RELAY: Final = "a way that leads the kit to a hostile endpoint"


class GapError(BenchError):
    """A stand-in lacks what ESP-IDF and a board have. Nobody is to blame but the bench, and no second try helps.

    A refusal is the student's (`KitError`) only where ESP-IDF itself would refuse, too.

    Args:
        lacks: the feature, by which an instructor counts gaps: ``"header driver/mcpwm.h"``, ``"C++"``.
        where: what needs it, such as ``"main/a.c:2"``; "" for the whole project.
        owner: the stand-in.
        stage: of the run.
        fix: what grades it.
    """

    def __init__(
        self,
        lacks: str,
        *,
        where: str = "",
        owner: str = "the virtual kit",
        stage: str = "build",
        fix: str = REAL_KITS,
    ) -> None:
        at = f" ({where})" if where else ""
        super().__init__(f"not graded: {owner} lacks {lacks}{at}", stage=stage, fix=fix)
        self.lacks = lacks


class NoRelayError(GapError):
    """This bench cannot lead its kit to a hostile endpoint: said by the bench alone, never by what firmware reports."""


class CloudError(KitbenchError):
    """AWS IoT, or the local IoT core in its place, failed or refused the bench."""

    fault = Fault.CLOUD


class KitError(KitbenchError):
    """The device under test misbehaved, or its project does not build."""

    fault = Fault.STUDENT


class KitDeedError(KitError):
    """The kit did what it must not, and the bench saw it: no gap of a stand-in's excuses that.

    What did *not* happen (no boot, no connection, no message) may follow from a gap; a plain `KitError` says that.
    """
