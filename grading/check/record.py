"""What a check leaves: how each criterion stood, and hashes of what was looked at. It is no evidence, and says so."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from kitbench.errors import BenchError, UsageError

from ..hand_in.submission import Submission
from ..judgement import Problem
from ..records.kept_results import digest_of
from .checked import Checked
from .standing import CriterionStanding

FILE: Final = "check.json"
SCHEMA: Final = "kitbench-check/1"
NOTICE: Final = "not evidence: it ran on the student's own machine, and only what the grader runs counts"


def record(checked: Checked, *, rubric_text: str, kit: str) -> dict[str, Any]:
    """Return the record as JSON has it; digests are SHA-256 in lower-case hex."""
    return {
        "schema": SCHEMA,
        "notice": NOTICE,
        "is_evidence": False,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "kitbench": version("kitbench"),
        "kit": kit,
        "endpoint": checked.student.endpoint if checked.student.knows_endpoint else None,
        "sha256": {"rubric": hashlib.sha256(rubric_text.encode()).hexdigest(), **checked.digests},
        "criteria": [_criterion(one) for one in checked.standings],
        "notes": list(checked.notes),
    }


def claim_folder(folder: Path) -> None:
    """Make the folder for record and logs, or take one that an earlier check made.

    Raises:
        UsageError: it holds something else.
        BenchError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / FILE).is_file():
            raise UsageError(f"{folder} holds other things", stage="output", fix="name an empty folder with --output")
        (folder / FILE).write_text("{}\n", encoding="utf-8")
    except OSError as error:
        raise BenchError(f"cannot write {folder}: {error.strerror}", stage="output") from error


def write_record(folder: Path, content: dict[str, Any]) -> None:
    """Write `check.json`: outcomes, digests, and that it is no evidence."""
    (folder / FILE).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def digests(submission: Submission) -> dict[str, str]:
    """Return the SHA-256 of each part of a hand-in that was read, by its name there."""
    return dict(_digests(submission))


def _digests(submission: Submission) -> Iterator[tuple[str, str]]:
    if not isinstance(submission.certificate_sha256, Problem):
        yield "certificate", submission.certificate_sha256
    for variant, project in submission.projects.items():
        yield variant.project_folder, digest_of(project)
    for variant, dump in submission.dumps.items():
        if not isinstance(dump, Problem):
            yield variant.dump_file, dump.sha256


def _criterion(one: CriterionStanding) -> dict[str, Any]:
    return {
        "id": one.criterion.id,
        "title": one.criterion.title,
        "points": one.criterion.points,
        "standing": one.standing.value,
        "facts": [
            {"name": fact.name, "standing": fact.standing.value, "reason": fact.reason, "to_do": fact.to_do}
            for fact in one.facts
        ],
    }
