"""What a class run leaves: one result per student, and the class."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from kitbench.errors import Fault

from ..judgement import Problem
from ..roster import RosterEntry
from ..variant import Variant
from .facts import Facts
from .rubric import Rubric
from .run_report import RunReport
from .score import Score

#: Stands for the submissions of students whom `--only` does not name.
LEFT_OUT: Final = Problem(Fault.CALLER, "select", "left out by --only")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of the on-kit suite; `evidence` is its folder relative to the student's results, with its files."""

    variant: Variant
    number: int
    outcome: RunReport | Problem
    evidence: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubmissionResult:
    """Everything that the pages and exports say about one student."""

    student: RosterEntry
    score: Score
    facts: Facts
    attempts: tuple[Attempt, ...] = ()
    audit_files: Mapping[Variant, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def is_left_out(self) -> bool:
        """Whether this run was not to look at it: `--only` named others."""
        return self.facts.submission == LEFT_OUT


@dataclass(frozen=True, slots=True)
class ClassResult:
    """All results of a class run; `problems` are remarks on the run as a whole."""

    title: str
    rubric: Rubric
    results: tuple[SubmissionResult, ...]
    started: datetime
    seconds: float
    kit: str
    cloud: str
    problems: tuple[str, ...] = ()

    @property
    def is_graded(self) -> bool:
        """Whether everybody has every mark."""
        return not self.problems and all(result.score.is_graded for result in self.results)


def results_folder(output: Path, student: RosterEntry) -> Path:
    """Return the folder of one student's page, `results.json` and evidence."""
    return output / "submissions" / student.id
