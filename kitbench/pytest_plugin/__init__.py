"""The pytest plugin: options, fixtures, markers and the run report of on-kit tests.

Fixtures live in `fixtures`, which is loaded only where on-kit tests are collected: it imports esptool, boto3 and all.
"""

import pytest

from kitbench.pytest_plugin.controller import (
    pytest_finish_spread_run,
    pytest_summarize_spread_run,
    pytest_testnodedown,
    pytest_xdist_setupnodes,
)
from kitbench.pytest_plugin.options import add_options
from kitbench.pytest_plugin.session import (
    pytest_collection_finish,
    pytest_report_collectionfinish,
    pytest_runtest_makereport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)

__all__ = [
    "pytest_addoption",
    "pytest_collection_finish",
    "pytest_configure",
    "pytest_finish_spread_run",
    "pytest_report_collectionfinish",
    "pytest_runtest_makereport",
    "pytest_sessionfinish",
    "pytest_summarize_spread_run",
    "pytest_terminal_summary",
    "pytest_testnodedown",
    "pytest_xdist_setupnodes",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options under "kitbench"."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers of on-kit tests."""
    config.addinivalue_line("markers", "hardware: drives a kit; choose it with --kit, and the cloud with --cloud")
    config.addinivalue_line("markers", "criterion(name): the criterion of the rubric that this check serves")
    config.addinivalue_line("markers", "variants(*names): the firmware variants that this check is for")
