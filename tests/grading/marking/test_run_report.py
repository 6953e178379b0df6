import json
import os
from pathlib import Path
from typing import Any

import pytest

from grading.judgement import Outcome
from grading.marking.run_report import LARGEST_REPORT, parse_run_report, read_run_report
from kitbench.errors import BenchError, Fault


def table(**changes: Any) -> dict[str, Any]:
    """Return a report as the bench's plugin writes it."""
    check = {
        "name": "connects_with_mutual_authentication",
        "criterion": "connects",
        "variant": "embedded_key",
        "nodeid": "tests/kit/test_connection.py::test_connects[embedded_key]",
        "outcome": "failed",
        "fault": "student",
        "stage": "connect",
        "reason": "no connection\nwithin 30 s",
        "seconds": 3.5,
    }
    report = {
        "schema": "kitbench-run-report/1",
        "run_id": "r1",
        "checks": [check],
        "expected_checks": [check["nodeid"]],
        "builds": [{"variant": "embedded_key", "app_sha256": "00"}],
        "meter": {"units": 12},
        "complete": True,
        "exit_status": 1,
        "seconds": 9.5,
    }
    return report | changes


def test_report_is_read() -> None:
    report = parse_run_report(table())

    assert report.complete
    assert report.variants_built == ("embedded_key",)
    assert report.checks[0].outcome is Outcome.FAILED
    assert report.checks[0].fault is Fault.STUDENT
    assert report.checks[0].reason == "no connection within 30 s"
    assert report.checks[0].stage == "connect"
    assert (report.seconds, report.checks[0].seconds) == (9.5, 3.5)


def test_what_a_passed_check_leaves_empty_is_empty() -> None:
    row = table()["checks"][0] | {"outcome": "passed", "fault": None, "stage": None, "reason": None, "variant": None}

    (check,) = parse_run_report(table(checks=[row], seconds=None)).checks

    assert (check.outcome, check.fault) == (Outcome.PASSED, None)
    assert (check.stage, check.reason, check.variant) == ("", "", "")


def test_report_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(table()), encoding="utf-8")
    assert read_run_report(path).run_id == "r1"

    os.truncate(path, LARGEST_REPORT + 1)

    with pytest.raises(BenchError, match="larger than 16 MB"):
        read_run_report(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "kitbench-run-report/2"},
        {"complete": "yes"},
        {"checks": None},
        {"checks": [{}]},
        {"checks": [table()["checks"][0] | {"outcome": "perhaps"}]},
        {"checks": [table()["checks"][0] | {"fault": "nobody"}]},
        {"expected_checks": None},
        {"exit_status": "fine"},
    ],
)
def test_report_that_is_not_understood_is_the_benchs_fault(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(table(**changes)), encoding="utf-8")

    with pytest.raises(BenchError, match="malformed"):
        read_run_report(path)


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"[" * 100_000, b"\xff"])
def test_file_that_is_no_report_is_the_benchs_fault(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "report.json"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(BenchError):
        read_run_report(path)
