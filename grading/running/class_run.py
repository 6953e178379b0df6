"""Grades a class: submissions side by side, results written as they come, a report whatever happens."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..hand_in.class_folder import ClassList
from ..judgement import Problem
from ..marking.result import LEFT_OUT, ClassResult, SubmissionResult, results_folder
from ..marking.rubric import Rubric
from ..marking.witness import WitnessFolder
from ..records.earlier import NOTHING_EARLIER, Stage
from ..records.kept_results import KeptResults
from ..roster import RosterEntry
from .bench import Bench
from .progress import ClassProgress
from .submission_run import SubmissionRun, interrupted, ungraded

#: Writes one result, and at last the class.
WriteResult = Callable[[SubmissionResult], None]


@dataclass(frozen=True, slots=True)
class ClassRun:
    """One run over a class.

    Attributes:
        jobs: how many submissions are graded side by side.
        most_attempts: how often a run that the bench or the cloud spoilt is tried.
        stop: set by Ctrl-C; the bench ends its processes when it is.
        conceal: changes each result before it is kept or written, where nobody is to know whose it is.
        kept: results of earlier runs, of which those that nothing has changed are taken; None for none.
    """

    title: str
    bench: Bench
    rubric: Rubric
    output: Path
    progress: ClassProgress
    stop: threading.Event
    kit: str = "virtual"
    cloud: str = "local"
    jobs: int = 2
    most_attempts: int = 2
    kept: KeptResults | None = None
    witnesses: WitnessFolder | None = None
    conceal: Callable[[SubmissionResult], SubmissionResult] = lambda result: result

    def grade(self, students: ClassList, write: WriteResult) -> ClassResult:
        """Grade everybody; a KeyboardInterrupt ends the run, and what was not graded says so."""
        started, clock = datetime.now(UTC), time.monotonic()
        problems = [f"{name} is a submission of nobody in the roster" for name in students.strangers]
        results: dict[str, SubmissionResult] = {}
        with ThreadPoolExecutor(max_workers=self.jobs, thread_name_prefix="grade") as pool:
            futures = {
                entry.id: pool.submit(self._grade_one, entry, source, write) for entry, source in students.entries
            }
            with self._stopping(pool):
                _wait_for(list(futures.values()))
        for entry, source in students.entries:
            results[entry.id] = self._result(entry, source, futures[entry.id], write)
        if self.stop.is_set():
            problems.append("the run was interrupted")
        return ClassResult(
            title=self.title or self.rubric.title,
            rubric=self.rubric,
            results=tuple(results.values()),
            started=started,
            seconds=time.monotonic() - clock,
            kit=self.kit,
            cloud=self.cloud,
            problems=tuple(problems),
        )

    def _grade_one(self, entry: RosterEntry, source: Path | Problem, write: WriteResult) -> SubmissionResult:
        known = self.kept.reused(entry, source) if self.kept is not None else None
        if known is not None:
            result = known
        elif self.stop.is_set():
            result = interrupted(self.rubric, entry)
        elif self.kept is not None and self.kept.is_left_out(entry):
            result = ungraded(self.rubric, entry, LEFT_OUT)
        else:
            result = self._run(entry, source)
        write(result)
        self.progress.finish(result)
        return result

    def _run(self, entry: RosterEntry, source: Path | Problem) -> SubmissionResult:
        result = SubmissionRun(
            student=entry,
            source=source,
            bench=self.bench,
            rubric=self.rubric,
            results=results_folder(self.output, entry),
            most_attempts=self.most_attempts,
            report=lambda stage, share: self.progress.show(entry.id, stage, share),
            witnesses=self.witnesses,
            stage=self.kept.stage if self.kept is not None else Stage.ALL,
            earlier=self.kept.earlier(entry) if self.kept is not None else NOTHING_EARLIER,
        ).grade()
        result = self.conceal(result)
        if self.kept is not None and not self.stop.is_set():
            self.kept.keep(result)
        return result

    def _result(
        self, entry: RosterEntry, source: Path | Problem, future: "Future[SubmissionResult]", write: WriteResult
    ) -> SubmissionResult:
        if not future.cancelled():
            return future.result()
        known = self.kept.reused(entry, source) if self.kept is not None else None
        result = known if known is not None else interrupted(self.rubric, entry)
        write(result)
        return result

    @contextmanager
    def _stopping(self, pool: ThreadPoolExecutor) -> Iterator[None]:
        """On Ctrl-C, end what runs, start nothing more, and go on to the report."""
        try:
            yield
        except KeyboardInterrupt:
            self.stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _wait_for(futures: "Sequence[Future[SubmissionResult]]") -> None:
    """Wait in short steps, so that Ctrl-C is heard at once on every system."""
    while wait(futures, timeout=0.5).not_done:
        pass
