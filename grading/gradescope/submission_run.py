"""One submission in Gradescope's container: graded as `kitbench grade` does, answered in `results/results.json`."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from kitbench.errors import KitbenchError, UsageError
from kitbench.witness.bundle import SUFFIX

from ..adjusting.submission_times import FILE as TIMES
from ..adjusting.submission_times import times_text
from ..desk.class_desk import graded
from ..desk.grade_options import GradeOptions
from ..hand_in.class_folder import ROSTER_FILE, ClassList
from ..judgement import one_line
from ..marking.late import HandedIn
from ..marking.witness import FOLDER as WITNESSED
from ..records.earlier import Stage
from ..roster import RosterEntry, read_roster
from ..variant import Variant
from .container import Container, HandedInBy, entry_of, read_metadata
from .folder import CLASS_FOLDER, GRADER_KEY_FILE, SETTINGS_FILE


def grade_submission(container: Container, console: Console) -> bool:
    """Grade what is in the container; return whether everything is graded. There is always a `results.json`."""
    try:
        results, is_graded = _graded(container, console)
    except KitbenchError as error:
        results, is_graded = not_graded(f"{error}"), False
    except Exception as error:  # noqa: BLE001 - the student must not be left with an empty page
        results, is_graded = not_graded(f"the grader failed: {type(error).__name__}: {error}"), False
    container.results.parent.mkdir(parents=True, exist_ok=True)
    container.results.write_text(results, encoding="utf-8")
    return is_graded


def not_graded(reason: str) -> str:
    """Return a results.json without a score, which students do not see: the instructor reads why, and runs it again."""
    table = {"output": f"not graded: {one_line(reason)}", "output_format": "text"}
    return json.dumps(table | {"visibility": "hidden", "stdout_visibility": "hidden"}, indent=1) + "\n"


def _graded(container: Container, console: Console) -> tuple[str, bool]:
    handed_in = read_metadata(container.metadata)
    source = container.source
    entry = entry_of(handed_in, read_roster(source / CLASS_FOLDER / ROSTER_FILE))
    if not container.submission.is_dir():
        raise UsageError(f"{container.submission} is no folder", stage="gradescope")
    settings = _settings(source / SETTINGS_FILE)
    with _class_of_one(container, entry, handed_in) as (folder, output):
        asked = GradeOptions(
            class_folder=folder,
            output=output,
            stage=Stage(settings["stage"]),
            timeout=int(settings["timeout"]),
            grader_key=source / GRADER_KEY_FILE,
            jobs=1,
        )
        done = graded(asked, console, given=ClassList(((entry, container.submission),)))
        results = (output / "submissions" / entry.id / "results.json").read_text(encoding="utf-8")
        return results, done.result.is_graded


def _settings(path: Path) -> dict[str, Any]:
    try:
        settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {error}", stage="gradescope") from error
    return {"stage": Stage.ALL, "timeout": 300} | settings


@contextmanager
def _class_of_one(container: Container, entry: RosterEntry, handed_in: HandedInBy) -> Iterator[tuple[Path, Path]]:
    """Yield a class folder for this student alone, with the bundles that were handed in, and a place for results."""
    with tempfile.TemporaryDirectory(prefix="kitbench-gradescope-") as work:
        folder = Path(work) / CLASS_FOLDER
        shutil.copytree(container.source / CLASS_FOLDER, folder)
        (folder / WITNESSED).mkdir(exist_ok=True)
        for bundle in container.submission.rglob(f"*{SUFFIX}"):
            if bundle.is_file() and not bundle.is_symlink():
                infix = f".{Variant.ATECC608A}" if bundle.stem.endswith(f".{Variant.ATECC608A}") else ""
                shutil.copy(bundle, folder / WITNESSED / f"{entry.id}{infix}{SUFFIX}")
        if handed_in.at is not None:
            (folder / TIMES).write_text(times_text({entry.id: HandedIn(handed_in.at)}), encoding="utf-8")
        yield folder, Path(work) / "grades"
