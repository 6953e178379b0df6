"""No test is skipped in silence: a reason that is unknown, or does not hold, is a failure."""

import os
import signal
from collections.abc import Generator

import pytest

from tests.optional_part import complaint

#: What a shell may have set for its own sake, and children of tests go by: width and colours of a screen, and what
#: Python says on standard error.
SHELLS_OWN = ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "PYTHONWARNINGS")


def pytest_configure() -> None:
    """Forget the shell that started this session.

    SIGINT does what it does on a terminal: a background job inherits it ignored, and so do children.
    """
    for name in SHELLS_OWN:
        os.environ.pop(name, None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn unfounded skips into failures; on-kit tests answer for theirs in the run report."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and not item.get_closest_marker("hardware"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if wrong := complaint(reason):
            report.outcome = "failed"
            report.longrepr = wrong
    return report
