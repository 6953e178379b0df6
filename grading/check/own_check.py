"""One check of one's own work: read as the grader reads, judged as it judges, by the same steps."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from ..evidence import forget
from ..hand_in.confined_reading import read_handed_in
from ..hand_in.submission import Submission
from ..hand_in.unpack import remove
from ..running.bench import Bench
from ..running.submission_run import Report, SubmissionRun
from ..variant import Variant
from .checked import Checked
from .handed_out import HandedOut
from .own_entry import OwnEntry, completed
from .parts import audited_dumps, parts_there
from .record import digests
from .standing import standings

#: Both audits and both runs: they wait more than they work.
_SIDE_BY_SIDE: Final = 2 * len(Variant)
_NOT_GIVEN: Final = (
    "endpoint and certificate were taken from this folder; give those of the course with --endpoint and "
    "--certificate-sha256, and they are compared"
)
_WITNESS: Final = "the course takes no dump without a witness of its bench: bring your kit there as well"


def check(  # noqa: PLR0913, PLR0917 - each is of another kind
    source: Path, given: OwnEntry, handed_out: HandedOut, bench: Bench, results: Path, report: Report
) -> Checked:
    """Return how each criterion stands for what is in the folder or archive `source`; logs go to `results`.

    Raises:
        KitbenchError: it cannot be unpacked or read at all.
    """
    work = Path(tempfile.mkdtemp(prefix="kitbench-check-"))
    try:
        report("read", 0.0)
        student, submission = completed(given, read_handed_in(source, work, given))
        there = parts_there(submission, student)
        looked_at = _without_idle_dumps(submission, handed_out)
        forget(results / "evidence")
        run = SubmissionRun(
            *(student, source, bench, handed_out.rubric, results, 1, report), side_by_side=_SIDE_BY_SIDE
        )
        judged = run.judge(looked_at, work)
        return Checked(
            standings(handed_out.rubric, replace(judged.facts, submission=submission), there),
            tuple(_notes(submission, student, handed_out)),
            digests(submission),
            student,
        )
    finally:
        remove(work)


def _without_idle_dumps(submission: Submission, handed_out: HandedOut) -> Submission:
    """Leave out the dumps that no criterion looks at: an audit takes seconds."""
    needed = audited_dumps(name for criterion in handed_out.rubric.criteria for name in criterion.requires)
    return replace(submission, dumps={variant: dump for variant, dump in submission.dumps.items() if variant in needed})


def _notes(submission: Submission, student: OwnEntry, handed_out: HandedOut) -> Sequence[str]:
    notes = list(submission.notes)
    if not (student.has_given_endpoint and student.has_given_certificate):
        notes.append(_NOT_GIVEN)
    if handed_out.needs_witness:
        notes.append(_WITNESS)
    return notes
