"""No test is skipped in silence: a reason that is unknown, or does not hold, is a failure."""

import signal
from collections.abc import Generator

import pytest

from tests.optional_part import complaint


def pytest_configure() -> None:
    """Let SIGINT do what it does on a terminal: a shell's background job inherits it ignored, and so do children."""
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
