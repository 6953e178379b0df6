"""Grades one submission: unpack, read, run each variant on a kit, audit the dumps, score."""

import logging
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError, Fault, KitbenchError
from kitbench.rule_and_table import RULE_FILE, TABLE_FILE

from ..adjusting.packing_time import packing_time
from ..evidence import copy_evidence, forget
from ..hand_in.confined_reading import read_handed_in
from ..hand_in.submission import Dump, Submission, carries_host
from ..hand_in.unpack import remove
from ..judgement import Outcome, Problem, one_line
from ..marking.audit_verdict import AuditVerdict
from ..marking.facts import Facts
from ..marking.result import Attempt, SubmissionResult
from ..marking.rubric import Rubric
from ..marking.run_report import RunReport
from ..marking.score import score
from ..marking.witness import Witnessed, WitnessFolder
from ..records.earlier import NOTHING_EARLIER, Earlier, EarlierAudits, EarlierRuns, Stage
from ..roster import RosterEntry
from ..variant import Variant
from .bench import Bench, Claim, CloudFiles

#: Receives the stage and how far the submission is, from 0 to 1.
Report = Callable[[str, float], None]
#: How far a submission is when its stage begins.
_AUDIT_BEGINS: Final = 0.05
_RUNS_BEGIN: Final = 0.2
#: Checks of one run, for the bar alone.
_USUAL_CHECKS: Final = 12
#: How the folders of evidence on dumps begin.
_AUDIT: Final = "audit-"
_NOT_RUN: Final = Problem(Fault.CALLER, "select", "not run on a kit yet: only dumps were audited (--stage audit)")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A run that is asked for: of this project on this bench, and where on the bar it begins and how much it is."""

    variant: Variant
    project: Path
    bench: Bench
    begin: float
    share: float


@dataclass(frozen=True, slots=True)
class SubmissionRun:
    """The grading of one submission.

    Attributes:
        source: its folder or archive.
        results: where evidence is kept.
        side_by_side: how many audits and runs at a time; one, where other submissions are graded meanwhile.
        stage: what is measured.
        earlier: what was measured already, and is taken as it is.
    """

    student: RosterEntry
    source: Path | Problem
    bench: Bench
    rubric: Rubric
    results: Path
    most_attempts: int
    report: Report
    witnesses: WitnessFolder | None = None
    side_by_side: int = 1
    stage: Stage = Stage.ALL
    earlier: Earlier = NOTHING_EARLIER

    def grade(self) -> SubmissionResult:
        """Return the result: whatever happens, there is one, and what nobody foresaw is the bench's fault."""
        started = time.monotonic()
        try:
            result = self._grade()
        except KitbenchError as error:
            result = ungraded(self.rubric, self.student, Problem.of(error))
        except Exception as error:  # noqa: BLE001 - the class run goes on whatever one submission does
            _log.exception("grading %s failed", self.student.id)
            reason = one_line(f"the grader failed: {type(error).__name__}: {error}")
            result = ungraded(self.rubric, self.student, Problem(Fault.BENCH, "grade", reason))
        return _timed(result, time.monotonic() - started)

    def _grade(self) -> SubmissionResult:
        if isinstance(self.source, Problem):
            return ungraded(self.rubric, self.student, self.source)
        self._forget_evidence()
        work = Path(tempfile.mkdtemp(prefix="kitbench-grading-"))
        try:
            self.report("unpack", 0.0)
            submission = read_handed_in(self.source, work, self.student)
            return self.judge(submission, work)
        finally:
            remove(work)

    def judge(self, submission: Submission, work: Path) -> SubmissionResult:
        """Return the result of a submission that was read; `work` is a private folder, for this alone."""
        submission, witnesses = self._witnessed(submission, work)
        with ThreadPoolExecutor(self.side_by_side, thread_name_prefix="judge") as pool:
            audited = self._audit_dumps(submission, work, pool)
            ran = self._run_variants(submission, work, pool) if self.stage is Stage.ALL else []
            audits = audited()
            attempts = [attempt for future in ran for attempt in future.result()]
        runs = EarlierRuns({attempt.variant: attempt.outcome for attempt in attempts}, tuple(attempts))
        if self.stage is Stage.AUDIT:
            runs = self.earlier.runs or EarlierRuns(dict.fromkeys(self._asked_variants(submission), _NOT_RUN))
        facts = Facts(
            *(self.student, submission, self.rubric.offset_tolerance, runs.runs, audits.audits),
            witnesses=witnesses,
            witness_rule=self.rubric.witness,
            packed_at=self._packed_at(),
        )
        return SubmissionResult(
            student=self.student,
            score=score(self.rubric, facts),
            facts=facts,
            attempts=runs.attempts,
            audit_files=audits.files,
            notes=submission.notes,
        )

    def _forget_evidence(self) -> None:
        """Remove what an earlier run left, but for what is taken over."""
        folder = self.results / "evidence"
        for path in folder.iterdir() if folder.is_dir() else ():
            taken_over = self.earlier.audits if path.name.startswith(_AUDIT) else self.earlier.runs
            if taken_over is None:
                forget(path)

    def _audit_dumps(self, submission: Submission, work: Path, pool: ThreadPoolExecutor) -> Callable[[], EarlierAudits]:
        """Begin with the audits; return what waits for their verdicts."""
        if self.earlier.audits is not None:
            earlier = self.earlier.audits
            return lambda: earlier
        audited = {
            variant: pool.submit(self._audit, submission, dump, variant, work)
            for variant, dump in submission.dumps.items()
        }

        def verdicts() -> EarlierAudits:
            done = {variant: future.result() for variant, future in audited.items()}
            return EarlierAudits(
                {variant: verdict for variant, (verdict, _) in done.items()},
                {variant: files for variant, (_, files) in done.items()},
            )

        return verdicts

    def _bench_for(self, submission: Submission, work: Path) -> Bench:
        """Return the bench with the student's rule and table; what could not be read is empty, and theirs to fix."""
        bench = self.bench.for_student(self.student.id)
        found = (submission.rule, submission.table)
        if any(isinstance(one, Problem) and one.fault is not Fault.STUDENT for one in found):
            return bench
        files = CloudFiles(work / RULE_FILE, work / TABLE_FILE)
        for file, one in zip((files.rule, files.table), found, strict=True):
            file.write_text("" if isinstance(one, Problem) else one, encoding="utf-8")
        return bench.with_cloud_files(files)

    def _packed_at(self) -> str:
        """Return when the submission says that it was packed: always, as a later rubric may ask for it."""
        packed = None if isinstance(self.source, Problem) else packing_time(self.source)
        return "" if packed is None else packed.isoformat(timespec="seconds")

    def _witnessed(self, submission: Submission, work: Path) -> tuple[Submission, dict[Variant, Witnessed | Problem]]:
        """Return the submission with the dumps that a bench witnessed in the place of those handed in."""
        witnesses: dict[Variant, Witnessed | Problem] = {}
        if self.witnesses is None:
            return submission, witnesses
        dumps = dict(submission.dumps)
        for variant in Variant:
            flash = work / f"witnessed-{variant.dump_file}"
            witnessed = self.witnesses.witness(self.student.id, variant, flash)
            if witnessed is None:
                continue
            witnesses[variant] = witnessed
            if isinstance(witnessed, Witnessed):
                carries = carries_host(flash.read_bytes(), self.student.endpoint)
                dumps[variant] = Dump(flash, witnessed.flash_sha256, carries)
        return replace(submission, dumps=dumps), witnesses

    def _run_variants(
        self, submission: Submission, work: Path, pool: ThreadPoolExecutor
    ) -> "list[Future[list[Attempt]]]":
        asked = [(variant, submission.projects[variant]) for variant in self._asked_variants(submission)]
        share = (1 - _RUNS_BEGIN) / max(len(asked), 1)
        bench = self._bench_for(submission, work)
        runs = [
            _Asked(variant, project, bench, _RUNS_BEGIN + index * share, share)
            for index, (variant, project) in enumerate(asked)
        ]
        return [pool.submit(self._run_with_retries, one, work) for one in runs]

    def _asked_variants(self, submission: Submission) -> list[Variant]:
        return [variant for variant in self.rubric.variants if variant in submission.projects]

    def _run_with_retries(self, asked: "_Asked", work: Path) -> list[Attempt]:
        """Run a variant until nobody but the student is to blame, or often enough; every attempt is kept."""
        attempts: list[Attempt] = []
        while len(attempts) < self.most_attempts:
            number = len(attempts) + 1
            attempts.append(self._run(asked, work, number))
            if not is_worth_a_retry(attempts[-1].outcome, self.rubric.criteria_in(asked.variant)):
                break
        return attempts

    def _run(self, asked: "_Asked", work: Path, number: int) -> Attempt:
        variant = asked.variant
        name = f"{variant}-attempt-{number}"
        evidence = work / name
        evidence.mkdir()
        done = 0

        def announce(check: str) -> None:
            nonlocal done
            done += 1
            self.report(f"{variant}: {check}", asked.begin + asked.share * min(done / _USUAL_CHECKS, 0.95))

        self.report(f"{variant}: build", asked.begin)
        outcome: RunReport | Problem
        try:
            outcome = asked.bench.run_suite(asked.project, variant, evidence, announce)
        except KitbenchError as error:
            outcome = Problem.of(error)
        files = copy_evidence(evidence, self.results / "evidence" / name)
        return Attempt(variant, number, outcome, f"evidence/{name}", files)

    def _audit(
        self, submission: Submission, dump: Dump | Problem, variant: Variant, work: Path
    ) -> tuple[AuditVerdict | Problem, tuple[str, ...]]:
        if isinstance(dump, Problem):
            return dump, ()
        self.report(f"audit {variant.dump_file}", _AUDIT_BEGINS)
        claim = Claim(submission.certificate, self.student.endpoint, submission.projects.get(variant))
        evidence = work / f"{_AUDIT}{variant}"
        evidence.mkdir()
        verdict: AuditVerdict | Problem = Problem(Fault.BENCH, "audit", "no audit was tried")
        for _ in range(self.most_attempts):
            try:
                verdict = self.bench.audit(dump.path, claim, evidence)
                break
            except KitbenchError as error:
                verdict = Problem.of(error)
        name = f"evidence/{_AUDIT}{variant}"
        files = copy_evidence(evidence, self.results / name)
        return verdict, tuple(f"{name}/{file}" for file in files)


def is_worth_a_retry(outcome: RunReport | Problem, criteria: frozenset[str]) -> bool:
    """Return whether bench or cloud, not the student, kept a check of one of these criteria from being judged.

    What a stand-in lacks it lacks the next time, too.
    """
    ours = {Fault.BENCH, Fault.CLOUD}
    if isinstance(outcome, Problem):
        return outcome.fault in ours and not outcome.lacks and not outcome.reason.endswith("interrupted")
    if not outcome.complete:
        return True
    checks = [check for check in outcome.checks if check.criterion in criteria]
    return any(check.outcome is Outcome.NOT_GRADED and check.fault in ours and not check.lacks for check in checks)


def ungraded(rubric: Rubric, student: RosterEntry, problem: Problem) -> SubmissionResult:
    """Return the result of a submission that never came to be judged."""
    facts = Facts(student, problem, rubric.offset_tolerance)
    return SubmissionResult(student=student, score=score(rubric, facts), facts=facts)


def interrupted(rubric: Rubric, student: RosterEntry) -> SubmissionResult:
    """Return the result of a submission whose turn never came."""
    return ungraded(rubric, student, Problem.of(BenchError("the class run was interrupted", stage="grade")))


def _timed(result: SubmissionResult, seconds: float) -> SubmissionResult:
    return SubmissionResult(
        student=result.student,
        score=result.score,
        facts=result.facts,
        attempts=result.attempts,
        audit_files=result.audit_files,
        notes=result.notes,
        seconds=seconds,
    )
