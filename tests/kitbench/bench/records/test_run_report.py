"""The run report says what was shown, and says so when something was not."""

import json
from pathlib import Path

from kitbench.bench.records.run_report import Check, CheckOutcome, RunReport, one_line


def check(nodeid: str) -> Check:
    """Return a check that passed."""
    return Check("boots", "connects", "embedded_key", nodeid, CheckOutcome.PASSED, None, "", "", 1.0)


def test_report_is_complete_when_every_expected_check_has_an_outcome() -> None:
    report = RunReport("0123456789", expected_checks=["a", "b"], checks=[check("a"), check("b")])

    assert report.complete


def test_report_is_incomplete_while_a_check_is_missing() -> None:
    assert not RunReport("0123456789", expected_checks=["a", "b"], checks=[check("a")]).complete


def test_report_without_checks_is_never_complete() -> None:
    assert not RunReport("0123456789").complete


def test_report_is_json_with_its_schema(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "report.json"

    RunReport("0123456789", expected_checks=["a"], checks=[check("a")]).write(path)

    read = json.loads(path.read_text(encoding="utf-8"))
    assert read["schema"] == "kitbench-run-report/1"
    assert read["checks"][0]["outcome"] == "passed"
    assert read["complete"] is True
    assert [file.name for file in path.parent.iterdir()] == ["report.json"]


def test_one_line_takes_the_first_and_hides_control_characters() -> None:
    assert one_line("\n  \x1b[31mred\nnext") == "?[31mred"
