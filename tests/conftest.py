"""No test is skipped in silence: a reason that is unknown, or does not hold, is a failure."""

from collections.abc import Generator

import pytest

from tests.optional_part import complaint


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
