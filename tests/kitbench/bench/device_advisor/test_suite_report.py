"""Exit status and page of a kit's report."""

from pathlib import Path

import pytest

from kitbench.bench.device_advisor.suite_report import make_report, status_of, write_report
from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus


def a_test(outcome: str, reason: str = "seen") -> dict[str, object]:
    return {
        "id": "MQTT_Connect",
        "name": "MQTT Connect",
        "in_qualification": True,
        "status": "",
        "outcome": outcome,
        "reason": reason,
        "fix": "",
        "wire": [],
        "serial": ["<b>bold</b>"],
    }


@pytest.mark.parametrize(
    ("outcomes", "complete", "status"),
    [
        (["passed", "passed with warnings"], True, ExitStatus.GOOD),
        (["passed", "not judged"], True, ExitStatus.CANNOT_JUDGE),
        (["not judged", "failed"], True, ExitStatus.FOUND_OR_FAILED),
        (["passed"], False, ExitStatus.CANNOT_JUDGE),
        ([], True, ExitStatus.CANNOT_JUDGE),
        ([""], True, ExitStatus.CANNOT_JUDGE),
    ],
)
def test_status_is_that_of_the_worst(outcomes: list[str], complete: bool, status: ExitStatus) -> None:  # noqa: FBT001
    tests = [a_test(outcome) for outcome in outcomes]
    assert status_of(make_report(tests, suite="all", device="kit", is_complete=complete)) is status


def test_page_says_what_it_is_not_and_escapes_what_a_kit_said(tmp_path: Path) -> None:
    report = make_report([a_test("failed", "<script>")], suite="all", device="<kit>", is_complete=True)
    write_report(report, json_file=tmp_path / "r.json", html=tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text()
    assert "not AWS&#x27;s qualification" in page
    assert "<script>" not in page
    assert "<b>bold" not in page
    assert "compliant" not in page.lower()
    with pytest.raises(UsageError, match="cannot write"):
        write_report(report, html=tmp_path / "no" / "r.html")
