"""Which submissions need not be run again, and the digest that says so."""

import dataclasses
import hashlib
import json
import logging
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final

import kitbench
from kitbench.errors import UsageError

from ..judgement import Outcome, Problem
from ..marking.result import SubmissionResult, results_folder
from ..marking.rubric import Rubric
from ..roster import Person, RosterEntry
from .kept_result import Measured, keep, read_kept

#: Of one submission, in bytes, as it is handed in.
_LARGEST: Final = 2 << 30
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class KeptResults:
    """The results of earlier runs in an output folder.

    Args:
        output: the folder of results.
        rubric: scores what was kept.
        run: digest of what every run of a submission follows from: suite, checks, kit, cloud.
        only: ids of those to grade now, empty for all: the others stay as they are.
        again: run also what has not changed.
        witnessed: where bundles of a student would lie.
    """

    output: Path
    rubric: Rubric
    run: str
    only: frozenset[str] = frozenset()
    again: bool = False
    witnessed: Callable[[RosterEntry], Sequence[Path]] = lambda _: ()
    _keys: dict[str, str] = field(default_factory=dict)

    def reused(self, student: RosterEntry, source: Path | Problem) -> SubmissionResult | None:
        """Return a student's kept result, where nothing has changed that it follows from."""
        folder = results_folder(self.output, student)
        if self.is_left_out(student):
            kept = _kept(folder)
            is_of_other_rules = kept is None or kept.rules != measuring_rules(self.rubric)
            return None if kept is None or is_of_other_rules else self._scored(kept, student)
        try:
            key = self._keys[student.id] = self._key(student, source)
        except (OSError, TooLargeError) as error:
            _log.warning("%s is not kept: %s", student.id, error)
            return None
        kept = None if self.again else _kept(folder)
        if kept is None or kept.key != key or kept.rules != measuring_rules(self.rubric):
            return None
        result = self._scored(kept, student)
        return result if _is_settled(result) else None

    def _scored(self, kept: Measured, student: RosterEntry) -> SubmissionResult:
        """Return the result under the name that the roster has today."""
        return dataclasses.replace(kept.scored(self.rubric), student=student)

    def is_left_out(self, student: RosterEntry) -> bool:
        """Whether a student is not graded in this run."""
        return bool(self.only) and student.id not in self.only

    def keep(self, result: SubmissionResult) -> None:
        """Keep what was measured; what never came to be judged is not."""
        key = self._keys.get(result.student.id)
        if key is not None:
            folder = results_folder(self.output, result.student)
            try:
                keep(folder, result, key=key, rules=measuring_rules(self.rubric))
            except OSError as error:
                _log.warning("%s is not kept: %s", result.student.id, error)

    def _key(self, student: RosterEntry, source: Path | Problem) -> str:
        handed_in = source.reason if isinstance(source, Problem) else digest_of(source)
        entry = json.dumps(dataclasses.astuple(dataclasses.replace(student, person=Person())))
        bundles = [digest_of(path) for path in self.witnessed(student) if path.is_file()]
        return hashlib.sha256(f"{self.run}\0{entry}\0{handed_in}\0{bundles}".encode()).hexdigest()


def run_digest(contents: Sequence[Path | None], *settings: object) -> str:
    """Return a digest of what every run of a class follows from.

    Args:
        contents: files and folders whose contents count: the on-kit suite, the class's own checks, trusted keys …
        settings: what was chosen, by its text.

    Raises:
        UsageError: a file or folder is larger than anything that is graded.
    """
    own = [digest_of(Path(kitbench.__file__).parent), digest_of(Path(__file__).parents[1])]
    try:
        there = [digest_of(path) if path is not None and path.exists() else "" for path in contents]
    except TooLargeError as error:
        raise UsageError(str(error), stage="class", mend="name the folder of the checks or project alone") from error
    text = json.dumps([version("kitbench"), *own, *there, *map(str, settings)])
    return hashlib.sha256(text.encode()).hexdigest()


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
