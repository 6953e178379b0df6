"""Gradescope's results.json (https://gradescope-autograders.readthedocs.io/en/latest/specs/)."""

import json
from dataclasses import asdict
from typing import Any

from ..judgement import Outcome, Problem
from ..marking.audit_verdict import AuditVerdict
from ..marking.result import SubmissionResult
from ..marking.score import Mark
from ..marking.witness import Witnessed
from ..records.feedback import feedback_text


def gradescope_results(result: SubmissionResult) -> str:
    """Return the text of one submission's results.json.

    While anything is not graded there is no score and everything is hidden from students: Gradescope knows no
    "not graded", and a fault of the bench must never look like a zero.
    """
    graded = result.score.is_graded
    visibility = "visible" if graded else "hidden"
    table: dict[str, Any] = {
        "execution_time": round(result.seconds),
        "output": feedback_text(result),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": [_test(number, mark, visibility) for number, mark in enumerate(result.score.marks, start=1)],
        "extra_data": {
            "not_graded": [mark.criterion.id for mark in result.score.marks if mark.outcome is Outcome.NOT_GRADED],
            "dumps": _dumps(result),
        },
    }
    if graded:
        table["score"] = result.score.points
    return json.dumps(table, indent=1, ensure_ascii=False) + "\n"


def _dumps(result: SubmissionResult) -> dict[str, Any]:
    """Return verdict, digest and witness of each dump: never the dump, which holds a key."""
    facts = result.facts
    if isinstance(facts.submission, Problem):
        return {}
    rows: dict[str, Any] = {}
    for variant, dump in facts.submission.dumps.items():
        verdict, witnessed = facts.audits.get(variant), facts.witnesses.get(variant)
        rows[variant.dump_file] = {
            "sha256": None if isinstance(dump, Problem) else dump.sha256,
            "verdict": verdict.outcome.value if isinstance(verdict, AuditVerdict) else None,
            "witness": asdict(witnessed) if isinstance(witnessed, Witnessed) else None,
        }
    return rows


def _test(number: int, mark: Mark, visibility: str) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": mark.criterion.title,
        "number": str(number),
        # A bonus is on top of the assignment's points.
        "max_score": 0 if mark.criterion.bonus else mark.criterion.points,
        "output": mark.reason,
        "visibility": visibility,
        "tags": [mark.criterion.id],
        "extra_data": {"outcome": mark.outcome.value, "fault": mark.fault},
    }
    if mark.points is not None:
        test["score"] = mark.points
        test["status"] = mark.outcome.value
    return test
