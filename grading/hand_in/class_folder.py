"""A class folder: a roster and submissions, or a `class.toml` that says how to generate both.

CLASS_FOLDER/roster.csv
CLASS_FOLDER/submissions/<id>/  or  <id>.zip, <id>.tar.gz, …, or as Canvas, Moodle and Blackboard name them
CLASS_FOLDER/rubric.toml        (optional)
CLASS_FOLDER/checks/test_*.py   (optional: on-kit checks of the class's own)
CLASS_FOLDER/template/          (optional: the project that was handed out, else the reference project)
CLASS_FOLDER/class.toml         (optional: title = "…", generate = "script.py")
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.errors import Fault, UsageError

from ..judgement import Problem
from ..roster import RosterEntry, read_roster
from .archive import ARCHIVE_SUFFIXES, PACKED_SUFFIXES
from .bulk_name import read_bulk_name
from .foreign_archive import FOREIGN_SUFFIXES

ROSTER_FILE: Final = "roster.csv"
CLASS_FILE: Final = "class.toml"
TEMPLATE_FOLDER: Final = "template"
SUBMISSIONS_FOLDER: Final = "submissions"
CHECKS_FOLDER: Final = "checks"
#: What is in a class folder and is nobody's submission.
_OF_THE_CLASS: Final = frozenset(
    {ROSTER_FILE, CLASS_FILE, CHECKS_FOLDER, TEMPLATE_FOLDER, "rubric.toml", "overrides.toml"}
    | {"witnessed", "bench-keys", "known-images"}
)


#: The longest first, so that `.tar.gz` is not taken for a `.gz`.
_SUFFIXES: Final = sorted({*ARCHIVE_SUFFIXES, *PACKED_SUFFIXES, *FOREIGN_SUFFIXES}, key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class ClassSettings:
    """What class.toml says.

    Attributes:
        generate: the script that makes roster and submissions, None when they are there.
        rubric: the class's own, None for the course's.
        checks: the folder with checks of the class's own, None for none.
    """

    title: str = ""
    generate: Path | None = None
    rubric: Path | None = None
    checks: Path | None = None
    template: Path | None = None


@dataclass(frozen=True, slots=True)
class ClassList:
    """Who is graded on what: each entry's submission, or why there is none; `strangers` are in no roster."""

    entries: tuple[tuple[RosterEntry, Path | Problem], ...]
    strangers: tuple[str, ...] = ()


def read_settings(folder: Path) -> ClassSettings:
    """Return what a class folder's class.toml says.

    Raises:
        UsageError: the folder is none, or the file is malformed.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", stage="class", fix="name the folder that holds roster.csv")
    rubric, checks = folder / "rubric.toml", folder / CHECKS_FOLDER
    template = folder / TEMPLATE_FOLDER
    path = folder / CLASS_FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, ValueError, RecursionError) as error:  # also for a number of more digits than Python reads
        raise UsageError(f"{path}: {error}", stage="class") from error
    return ClassSettings(
        title=str(table.get("title", "")),
        generate=_script(folder, table.get("generate")),
        rubric=rubric if rubric.exists() else None,
        checks=checks.resolve() if checks.is_dir() else None,
        template=template if template.is_dir() else None,
    )


def read_class(folder: Path, *, roster: Path | None = None) -> ClassList:
    """Return the roster's entries in order, each with its submission.

    Raises:
        UsageError: there is no readable roster.
    """
    path = roster if roster is not None else folder / ROSTER_FILE
    if not path.is_file():
        raise UsageError(f"{path} is missing", stage="roster", fix="write it: id,endpoint,certificate_sha256")
    submissions = folder / SUBMISSIONS_FOLDER if (folder / SUBMISSIONS_FOLDER).is_dir() else folder
    entries = read_roster(path)
    handed_in, strangers = _by_id(submissions, frozenset(entry.id.casefold() for entry in entries))
    return ClassList(
        entries=tuple((entry, _one(entry.id, handed_in.get(entry.id.casefold(), []))) for entry in entries),
        strangers=tuple(sorted(strangers)),
    )


def _by_id(folder: Path, ids: frozenset[str]) -> tuple[dict[str, list[Path]], list[str]]:
    """Return the newest submissions of each of these ids in lower case, and the names of those that are nobody's."""
    found: dict[str, list[tuple[tuple[int, str], Path]]] = {}
    strangers = []
    for path in sorted(folder.iterdir()):
        name = path.name
        if name.startswith((".", "__")) or name in _OF_THE_CLASS:
            continue
        suffix = next((suffix for suffix in _SUFFIXES if name.lower().endswith(suffix)), "")
        if not suffix and not path.is_dir():
            continue
        reading = read_bulk_name(name[: len(name) - len(suffix)])
        owner = reading.owner(ids)
        if owner is None:
            strangers.append(name)
        else:
            found.setdefault(owner, []).append((reading.again, path))
    newest = {owner: max(again for again, _ in several) for owner, several in found.items()}
    latest = {owner: [path for again, path in several if again == newest[owner]] for owner, several in found.items()}
    return latest, strangers


def _one(name: str, paths: list[Path]) -> Path | Problem:
    if not paths:
        return Problem(Fault.STUDENT, "submission", "nothing was handed in")
    if len(paths) > 1:
        reason = f"two submissions for {name}: {paths[0].name} and {paths[1].name}; keep the one to grade"
        return Problem(Fault.CALLER, "submission", reason)
    return paths[0]


def _script(folder: Path, name: Any) -> Path | None:
    """Return the generating script, which is in the class folder itself: a submission can never name one."""
    if name is None:
        return None
    if not isinstance(name, str) or Path(name).name != name or not (folder / name).is_file():
        raise UsageError(f"{CLASS_FILE}: generate is not the name of a script beside it", stage="class")
    return folder / name
