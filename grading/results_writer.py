"""Writes results to the output folder: pages, gradebook, results.json. Never touches a folder that is not its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError, UsageError

from .across.likeness import likenesses
from .export.gradebook import gradebook_csv
from .export.gradescope import gradescope_results
from .export.platform import Export
from .judgement import Problem
from .marking.check_catalogue import KnownCheck
from .marking.result import ClassResult, SubmissionResult, results_folder
from .marking.rubric import Rubric
from .records.claim import MARKER, NOBODYS, Claim
from .records.class_record import write_class_record
from .report.feedback_page import feedback_page
from .report.log_page import look_up
from .report.pages import across_page, class_page, statistics_page, submission_page

#: A copy of the rubric that the marks follow from.
RUBRIC_FILE: Final = "rubric.toml"
#: For students: a page each that stands alone.
FEEDBACK_FOLDER: Final = "feedback"
#: For the instructor: what was lost, by how many, and why.
STATISTICS_FILE: Final = "statistics.html"
#: For the instructor: what hand-ins have in common.
ACROSS_FILE: Final = "across.html"


@dataclass(frozen=True, slots=True)
class ResultsWriter:
    """Writes into `output`, which only the instructor can read: it holds marks of people.

    Attributes:
        corrections: by file name, what changes marks after they followed from facts; None keeps what is there.
        reveal: gives a result its names back, for what goes to learning platforms.
    """

    output: Path
    rubric: Rubric
    title: str
    exports: tuple[Export, ...] = ()
    rubric_text: str = ""
    checks: tuple[KnownCheck, ...] = ()
    corrections: Mapping[str, str] | None = None
    reveal: Callable[[ClassResult], ClassResult] = lambda result: result

    def prepare(self, claim: Claim = NOBODYS) -> None:
        """Make the folder, or take one that an earlier run of the same class made.

        Raises:
            UsageError: it holds something else, or results of another class.
            BenchError: it cannot be written.
        """
        try:
            if self.output.exists() and not self.output.is_dir():
                raise UsageError(f"{self.output} is no folder", stage="output")
            self.output.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(self.output.iterdir()) and not (self.output / MARKER).exists():
                raise UsageError(f"{self.output} holds other things", stage="output", fix="name an empty folder")
            claim.lay(self.output)
        except OSError as error:
            raise BenchError(f"cannot write {self.output}: {error.strerror}", stage="output") from error

    def write_submission(self, result: SubmissionResult) -> None:
        """Write one student's page, results.json, and the page that the student gets."""
        folder = results_folder(self.output, result.student)
        folder.mkdir(parents=True, exist_ok=True)
        look, logs = look_up(result, folder)
        for log in logs:
            _write(folder / log.file, log.html)
        page = submission_page(result, self.rubric, title=self.title, folder=folder, look=look)
        _write(folder / "index.html", page)
        _write(folder / "results.json", gradescope_results(result))
        feedback = self.output / FEEDBACK_FOLDER / f"{result.student.id}.html"
        feedback.parent.mkdir(exist_ok=True)
        _write(feedback, feedback_page(result, self.rubric, title=self.title, folder=folder))

    def write_class(self, result: ClassResult) -> None:
        """Write the class page, the gradebook, and what learning platforms import."""
        _write(self.output / "index.html", class_page(result))
        _write(self.output / STATISTICS_FILE, statistics_page(result))
        _write(self.output / "grades.csv", gradebook_csv(result))
        write_class_record(self.output, result, self.checks)
        for name, text in (self.corrections or {}).items():
            _write_or_remove(self.output / name, text)
        if self.rubric_text:
            _write(self.output / RUBRIC_FILE, self.rubric_text)
        for export in self.exports:
            _write(self.output / export.file, export.filled(self.reveal(result)), encoding=export.encoding)

    def write_across(self, result: ClassResult, template: frozenset[str]) -> None:
        """Write the page of what hand-ins have in common; `template` are the fingerprints of what was handed out."""
        count = sum(1 for one in result.results if not isinstance(one.facts.submission, Problem))
        found = likenesses(result.results, template)
        _write(self.output / ACROSS_FILE, across_page(result.title, found, count))


def _write_or_remove(path: Path, text: str) -> None:
    """Keep a text beside the results, or take away what an earlier run kept of it."""
    if text:
        _write(path, text)
    else:
        path.unlink(missing_ok=True)


def _write(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Write in one piece: a reader sees the old file or the new one."""
    beside = path.with_name(f".{path.name}.new")
    try:
        # The gradebook brings its own line ends; a lone surrogate from a student's text must not stop the report.
        beside.write_bytes(text.encode(encoding, errors="replace"))
        beside.replace(path)
    except OSError as error:
        raise BenchError(f"cannot write {path}: {error.strerror}", stage="output") from error
