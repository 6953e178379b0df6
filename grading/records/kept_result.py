"""Results that outlive their run: what was measured of a submission, so that it is graded again without a kit.

`kept.json` beside a student's page holds facts, not marks: a rubric scores them anew. It holds no key and no dump.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from kitbench.confinement.checked_json import from_json, to_json
from kitbench.errors import UsageError

from ..hand_in.submission import Submission
from ..marking.facts import Facts
from ..marking.result import Attempt, SubmissionResult
from ..marking.rubric import Rubric
from ..marking.score import score
from ..variant import Variant

FILE: Final = "kept.json"
#: Changes whenever what is kept changes its form: another version is refused, never guessed.
SCHEMA: Final = "kitbench-kept-result/5"


@dataclass(frozen=True, slots=True)
class Origin:
    """Digests of what a result follows from: what is the same need not be measured again.

    Attributes:
        handed_in: the hand-in with the roster's line and its bundles.
        audits: of the verdicts on the dumps: the hand-in, the template, who is trusted, kitbench itself.
        runs: of what kits showed: the hand-in, checks, suite, kit, cloud; "" where nothing was run.
    """

    handed_in: str = ""
    audits: str = ""
    runs: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one submission.

    Attributes:
        origin: what it follows from.
        rules: the rubric's rules that were applied while the kit ran; other rules need another run.
    """

    origin: Origin
    rules: str
    facts: Facts
    attempts: tuple[Attempt, ...]
    audit_files: Mapping[Variant, tuple[str, ...]]
    notes: tuple[str, ...]
    seconds: float

    def scored(self, rubric: Rubric) -> SubmissionResult:
        """Return the result that a rubric makes of it."""
        facts = replace(self.facts, offset_tolerance=rubric.offset_tolerance, witness_rule=rubric.witness)
        return SubmissionResult(
            facts.student, score(rubric, facts), facts, self.attempts, self.audit_files, self.notes, self.seconds
        )


def keep(folder: Path, result: SubmissionResult, *, origin: Origin, rules: str) -> None:
    """Write a student's `kept.json` in one piece, for nobody else to read."""
    submission = result.facts.submission
    root = submission.folder.parent if isinstance(submission, Submission) else folder
    measured = Measured(
        origin, rules, result.facts, result.attempts, dict(result.audit_files), result.notes, result.seconds
    )
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{FILE}.new"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
        json.dump({"schema": SCHEMA, "measured": to_json(measured, root)}, file)
    beside.replace(folder / FILE)


def read_kept(folder: Path) -> Measured | None:
    """Return what a student's `kept.json` holds, or None where there is none.

    Raises:
        UsageError: it is damaged, or of another version of kitbench.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if table["schema"] != SCHEMA:
            raise UsageError(
                f"{path} was kept by another version of kitbench ({str(table['schema'])[:40]})",
                stage="results",
                fix="grade that submission again: kitbench grade … --again",
            )
        measured: Measured = from_json(Measured, table["measured"], folder)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{path} is damaged: {error}", stage="results", fix="grade it --again") from error
    return measured
