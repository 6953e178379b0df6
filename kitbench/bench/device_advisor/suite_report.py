"""The report of a kit's suite: JSON, page, exit status."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus
from kitbench.local_iot_core.device_advisor.page import to_html
from kitbench.local_iot_core.device_advisor.report import NATURE

SEEN: Final = "wire, serial line and build"
#: What a line begins with by which the suite tells the command how to fix what the line before says.
FIX_MARK: Final = "  to fix: "


def make_report(
    tests: Sequence[dict[str, Any]], *, suite: str, device: str, is_complete: bool, facts: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the report as values."""
    return {
        "schema": "kitbench-device-advisor/1",
        "nature": NATURE,
        "seen": SEEN,
        "suite": suite,
        "device": device,
        "facts": list(facts),
        "complete": is_complete,
        "tests": list(tests),
    }


def status_of(report: dict[str, Any]) -> ExitStatus:
    """Return 1 where a test failed, else 2 where one was not judged or not run, else 0."""
    outcomes = [test["outcome"] for test in report["tests"]]
    if "failed" in outcomes:
        return ExitStatus.FOUND_OR_FAILED
    if not outcomes or not report["complete"] or not set(outcomes) <= {"passed", "passed with warnings"}:
        return ExitStatus.CANNOT_JUDGE
    return ExitStatus.GOOD


def write_report(report: dict[str, Any], *, json_file: Path | None = None, html: Path | None = None) -> None:
    """Write the report where it is wanted.

    Raises:
        UsageError: it cannot be written there.
    """
    texts = {json_file: json.dumps(report, indent=2, ensure_ascii=False) + "\n", html: to_html(report)}
    for path, text in texts.items():
        if path is not None:
            try:
                path.write_text(text, encoding="utf-8")
            except OSError as error:
                raise UsageError(f"cannot write {path}: {error.strerror}", stage="report") from error
