"""Which submissions need not be run again, and the digest that says so."""

import dataclasses
import hashlib
import json
import logging
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import kitbench
from kitbench.errors import Fault, UsageError

from ..judgement import Outcome, Problem
from ..marking.facts import Facts
from ..marking.result import SubmissionResult, results_folder
from ..marking.rubric import Rubric
from ..roster import Person, RosterEntry
from .earlier import Earlier, EarlierAudits, EarlierRuns, Stage
from .kept_result import Measured, Origin, keep, read_kept

#: Of one submission, in bytes, as it is handed in.
_LARGEST: Final = 2 << 30
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """Digests of what is the same for every submission of a run: `runs` for what kits show, `audits` for dumps."""

    runs: str
    audits: str = ""


@dataclass(slots=True)
class KeptResults:
    """The results of earlier runs in an output folder.

    Args:
        output: the folder of results.
        rubric: scores what was kept.
        settled: what every submission's result follows from.
        only: ids of those to grade now, empty for all: the others stay as they are.
        again: measure also what has not changed.
        witnessed: where bundles of a student would be.
        stage: what is measured in this run.
    """

    output: Path
    rubric: Rubric
    settled: Settled
    only: frozenset[str] = frozenset()
    again: bool = False
    witnessed: Callable[[RosterEntry], Sequence[Path]] = lambda _: ()
    stage: Stage = Stage.ALL
    _origins: dict[str, Origin] = field(default_factory=dict)

    def reused(self, student: RosterEntry, source: Path | Problem) -> SubmissionResult | None:
        """Return a student's kept result, where nothing has changed that it follows from."""
        folder = results_folder(self.output, student)
        if self.is_left_out(student):
            kept = _kept(folder)
            is_of_other_rules = kept is None or kept.rules != measuring_rules(self.rubric)
            return None if kept is None or is_of_other_rules else self._scored(kept, student)
        try:
            origin = self._origins[student.id] = self._origin(student, source)
        except (OSError, TooLargeError) as error:
            _log.warning("%s is not kept: %s", student.id, error)
            return None
        kept = None if self.again else _kept(folder)
        if kept is None or not self._is_same(kept, origin):
            return None
        result = self._scored(kept, student)
        return result if self._is_done(result) else None

    def earlier(self, student: RosterEntry) -> Earlier:
        """Return what was measured of the same hand-in before, and is not measured in this run.

        An audit stage keeps what kits showed, whichever they were; a whole run keeps the verdicts on the dumps.
        """
        origin = self._origins.get(student.id)
        kept = _kept(results_folder(self.output, student)) if origin is not None else None
        if origin is None or kept is None or kept.origin.handed_in != origin.handed_in:
            return Earlier()
        if self.stage is Stage.AUDIT:
            has_run = kept.origin.runs and kept.rules == measuring_rules(self.rubric)
            return Earlier(runs=EarlierRuns(kept.facts.runs, kept.attempts) if has_run else None)
        is_same = not self.again and kept.origin.audits == origin.audits and _are_audited(kept.facts)
        return Earlier(audits=EarlierAudits(kept.facts.audits, kept.audit_files) if is_same else None)

    def _is_same(self, kept: Measured, origin: Origin) -> bool:
        follows_rules = kept.rules == measuring_rules(self.rubric)
        if self.stage is Stage.AUDIT:
            return kept.origin.audits == origin.audits and (follows_rules or not kept.origin.runs)
        return kept.origin == origin and follows_rules

    def _is_done(self, result: SubmissionResult) -> bool:
        return _are_audited(result.facts) if self.stage is Stage.AUDIT else _is_settled(result)

    def _scored(self, kept: Measured, student: RosterEntry) -> SubmissionResult:
        """Return the result under the name that the roster has today."""
        return dataclasses.replace(kept.scored(self.rubric), student=student)

    def is_left_out(self, student: RosterEntry) -> bool:
        """Whether a student is not graded in this run."""
        return bool(self.only) and student.id not in self.only

    def keep(self, result: SubmissionResult) -> None:
        """Keep what was measured; what never came to be judged is not."""
        origin = self._origins.get(result.student.id)
        if origin is None:
            return
        folder = results_folder(self.output, result.student)
        if self.stage is Stage.AUDIT:
            # What kits showed stays what it was, with the digest of what it followed from.
            kept = _kept(folder) if result.attempts else None
            origin = dataclasses.replace(origin, runs=kept.origin.runs if kept is not None else "")
        try:
            keep(folder, result, origin=origin, rules=measuring_rules(self.rubric))
        except OSError as error:
            _log.warning("%s is not kept: %s", result.student.id, error)

    def _origin(self, student: RosterEntry, source: Path | Problem) -> Origin:
        contents = source.reason if isinstance(source, Problem) else digest_of(source)
        entry = json.dumps(dataclasses.astuple(dataclasses.replace(student, person=Person())))
        bundles = [digest_of(path) for path in self.witnessed(student) if path.is_file()]
        handed_in = _digest(entry, contents, str(bundles))
        return Origin(handed_in, _digest(self.settled.audits, handed_in), _digest(self.settled.runs, handed_in))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _are_audited(facts: Facts) -> bool:
    """Whether another audit would show nothing new: none was kept from a verdict by the bench."""
    verdicts = facts.audits.values()
    return not any(isinstance(one, Problem) and one.fault is not Fault.STUDENT for one in verdicts)


def run_digest(contents: Sequence[Path | None], *settings: object) -> str:
    """Return a digest of what every run of a class follows from.

    Args:
        contents: files and folders whose contents count: the on-kit suite, the class's own checks, trusted keys …
        settings: what was chosen, by its text.

    Raises:
        UsageError: a file or folder is larger than anything that is graded.
    """
    try:
        there = [digest_of(path) if path is not None and path.exists() else "" for path in contents]
    except TooLargeError as error:
        raise UsageError(str(error), stage="class", fix="name the folder of the checks or project alone") from error
    text = json.dumps([version("kitbench"), *_own_code(), *there, *map(str, settings)])
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _own_code() -> tuple[str, str]:
    return digest_of(Path(kitbench.__file__).parent), digest_of(Path(__file__).parents[1])


def _kept(folder: Path) -> Measured | None:
    """Return what was kept; what cannot be read is measured anew."""
    try:
        return read_kept(folder)
    except UsageError as error:
        _log.warning("%s", error)
        return None


def measuring_rules(rubric: Rubric) -> str:
    """Return what of a rubric is applied while a kit runs, as text: scoring alone cannot change it afterwards."""
    return json.dumps([str(rubric.traffic), rubric.message_budget, rubric.witness])


def missing_run(measured: Measured, rubric: Rubric) -> str:
    """Return why a rubric would need another run, or ""."""
    if measured.rules != measuring_rules(rubric):
        return "its traffic rules, message budget or rule about witnesses differ from those of the run"
    return ""


def _is_settled(result: SubmissionResult) -> bool:
    """Whether another run would show nothing new: everything is graded, but for what a stand-in lacks."""
    return all(mark.outcome is not Outcome.NOT_GRADED or mark.lacks for mark in result.score.marks)


class TooLargeError(Exception):
    """More than a submission can be: reading all of it would hold up the class."""


def digest_of(path: Path) -> str:
    """Return a digest of a file, or of all names and contents below a folder; links count as what they say.

    Raises:
        TooLargeError: it is larger than what is graded.
    """
    digest = hashlib.sha256()
    size = 0
    for one in [path] if path.is_file() else sorted(path.rglob("*")):
        if "__pycache__" in one.parts:
            continue
        status = one.lstat()
        name = one.relative_to(path).as_posix() if one != path else path.name
        digest.update(f"{name}\0{stat.S_IFMT(status.st_mode)}\0".encode(errors="surrogateescape"))
        if stat.S_ISLNK(status.st_mode):
            digest.update(str(one.readlink()).encode(errors="surrogateescape"))
        elif stat.S_ISREG(status.st_mode):
            size += status.st_size
            if size > _LARGEST:
                raise TooLargeError(f"{path.name} is larger than {_LARGEST >> 20} MB")
            with one.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
