"""Results to show: one that earns everything, one that failed, one that nobody could grade, all with hostile texts."""

from dataclasses import replace
from datetime import UTC, datetime

from grading.hand_in.submission import Answers
from grading.marking.result import Attempt, ClassResult, SubmissionResult
from grading.marking.rubric import read_rubric
from grading.marking.score import score
from grading.roster import RosterEntry
from grading.variant import Variant
from kitbench.errors import Fault
from tests.grading.synthetic import ENDPOINT, KEY_OFFSET, SHA256, facts, failing, report, submission

RUBRIC = read_rubric()
HOSTILE = '=cmd|" /C calc"!A0 <script>alert(1)</script>'


def result(
    name: str = "s01", *, fault: Fault | None = None, reason: str = HOSTILE, lacks: str = ""
) -> SubmissionResult:
    """Return a result whose traffic failed by `fault`, or passed when that is None; `lacks` is a stand-in's gap."""
    runs = {variant: report(variant) for variant in Variant}
    if fault is not None:
        broken = failing("broken", "traffic", Variant.EMBEDDED_KEY, reason=reason, fault=fault)
        broken = replace(broken, lacks=lacks)
        runs[Variant.EMBEDDED_KEY] = report(Variant.EMBEDDED_KEY, broken, exit_status=1)
    answered = submission(answers=Answers(ENDPOINT, KEY_OFFSET, {"answer": HOSTILE}), notes=(HOSTILE,))
    known = replace(facts(answered, runs=runs), student=RosterEntry(name, ENDPOINT, SHA256))
    attempts = tuple(
        Attempt(variant, 1, run, f"evidence/{variant}-attempt-1", ("serial.log",)) for variant, run in runs.items()
    )
    audit_files = {Variant.EMBEDDED_KEY: ("evidence/audit-embedded_key/flash_map.svg",)}
    return SubmissionResult(known.student, score(RUBRIC, known), known, attempts, audit_files, (HOSTILE,), 12.3)


def class_result(*results: SubmissionResult) -> ClassResult:
    return ClassResult("A class", RUBRIC, results, datetime.now(UTC), 9.0, kit="virtual", cloud="local")
