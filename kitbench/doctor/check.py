"""One line of the doctor's screen, and how checks are run so that none hangs or throws."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from kitbench.errors import KitbenchError

#: The most that all checks may take together.
WITHIN_S: Final = 40.0


class State(StrEnum):
    """What a check came to."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        subject: what was looked at.
        state: fit, doubtful or unfit.
        detail: what was seen.
        fix: the command or step that fixes it, "" when there is nothing to fix.
    """

    subject: str
    state: State
    detail: str
    fix: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the line as JSON values."""
        return asdict(self)


#: Looks at one subject, or at several that follow from each other.
Check = Callable[[], Line | list[Line]]


def run_checks(checks: Iterable[tuple[str, Check]], *, within_s: float = WITHIN_S) -> list[Line]:
    """Run all checks side by side; return their lines in order. One that hangs or throws is a line too.

    The time is that of all checks together; threads are daemons, so that one that hangs does not keep the process.
    """
    running = [_Running(subject, check) for subject, check in checks]
    deadline = time.monotonic() + within_s
    return [line for one in running for line in one.lines(deadline, within_s)]


class _Running(threading.Thread):
    """A check under way."""

    def __init__(self, subject: str, check: Check) -> None:
        super().__init__(name=f"doctor {subject}", daemon=True)
        self._subject = subject
        self._check = check
        self._seen: Line | list[Line] | None = None
        self.start()

    def run(self) -> None:
        try:
            self._seen = self._check()
        except KitbenchError as error:
            self._seen = Line(self._subject, State.FAIL, error.message, error.fix)
        except Exception as error:  # noqa: BLE001 - the doctor reports whatever is ill, never a traceback
            self._seen = Line(self._subject, State.FAIL, f"{type(error).__name__}: {error}".splitlines()[0])

    def lines(self, deadline: float, within_s: float) -> list[Line]:
        """Return what was seen by the deadline."""
        self.join(max(0.0, deadline - time.monotonic()))
        if self._seen is None:
            return [Line(self._subject, State.FAIL, f"no answer within {within_s:g} s")]
        return [self._seen] if isinstance(self._seen, Line) else self._seen
