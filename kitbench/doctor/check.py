"""One line of the doctor's screen, and how checks are run so that none hangs or throws."""

import concurrent.futures
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from kitbench.errors import KitbenchError

#: The most that one check may take.
WITHIN_S: Final = 20.0


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
        mend: the command or step that mends it, "" when there is nothing to mend.
    """

    subject: str
    state: State
    detail: str
    mend: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the line as JSON values."""
        return asdict(self)


#: Looks at one subject.
Check = Callable[[], Line]


def run_checks(checks: Iterable[tuple[str, Check]], *, within_s: float = WITHIN_S) -> list[Line]:
    """Run all checks side by side; return their lines in order. One that hangs or throws is a line too."""
    pool = concurrent.futures.ThreadPoolExecutor(thread_name_prefix="doctor")
    futures = [(subject, pool.submit(check)) for subject, check in checks]
    lines = [_line(subject, future, within_s) for subject, future in futures]
    pool.shutdown(wait=False, cancel_futures=True)
    return lines


def _line(subject: str, future: "concurrent.futures.Future[Line]", within_s: float) -> Line:
    try:
        return future.result(within_s)
    except concurrent.futures.TimeoutError:
        return Line(subject, State.FAIL, f"no answer within {within_s:g} s")
    except KitbenchError as error:
        return Line(subject, State.FAIL, error.message, error.mend)
    except Exception as error:  # noqa: BLE001 - the doctor reports whatever is ill, never a traceback
        return Line(subject, State.FAIL, f"{type(error).__name__}: {error}".splitlines()[0])
