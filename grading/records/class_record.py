"""What a folder of results says of its class, beside the students' own: for whoever grades or scores it again."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from kitbench.confinement.checked_json import from_json, to_json
from kitbench.errors import UsageError

from ..marking.check_catalogue import KnownCheck
from ..marking.result import ClassResult

FILE: Final = "class.json"
SCHEMA: Final = "kitbench-class/1"


@dataclass(frozen=True, slots=True)
class ClassRecord:
    """A class run, without its students' results.

    Attributes:
        students: ids in the roster's order.
        message_budget: of each run, which --budget may have set.
        checks: what the on-kit suite and the class's own checks had.
    """

    title: str
    started: datetime
    seconds: float
    kit: str
    cloud: str
    problems: tuple[str, ...]
    students: tuple[str, ...]
    message_budget: int
    checks: tuple[KnownCheck, ...]


def write_class_record(output: Path, result: ClassResult, checks: tuple[KnownCheck, ...] = ()) -> None:
    """Write `class.json`, which says what the class run was."""
    table = {
        "schema": SCHEMA,
        "title": result.title,
        "started": result.started.isoformat(),
        "seconds": result.seconds,
        "kit": result.kit,
        "cloud": result.cloud,
        "problems": list(result.problems),
        "students": [one.student.id for one in result.results],
        "message_budget": result.rubric.message_budget,
        "checks": to_json(checks, output),
    }
    (output / FILE).write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def read_class_record(output: Path) -> ClassRecord:
    """Return what `class.json` says.

    Raises:
        UsageError: the folder holds no results, or those of another version.
    """
    path = output / FILE
    try:
        table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return _record(table)
    except FileNotFoundError as error:
        raise UsageError(
            f"{output} holds no results of a class", stage="results", fix="name what --output named"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: {error}", stage="results", fix="grade the class again") from error


def earlier_kit(output: Path, otherwise: str) -> str:
    """Return on which kit the class in a folder of results was run, for a run that uses none itself."""
    try:
        return read_class_record(output).kit
    except UsageError:
        return otherwise


def _record(table: dict[str, Any]) -> ClassRecord:
    if table["schema"] != SCHEMA:
        raise ValueError(f"schema is {table['schema']!r}, expected {SCHEMA!r}")
    return ClassRecord(
        str(table["title"]),
        datetime.fromisoformat(table["started"]).astimezone(UTC),
        float(table["seconds"]),
        str(table["kit"]),
        str(table["cloud"]),
        tuple(str(one) for one in table["problems"]),
        tuple(str(one) for one in table["students"]),
        int(table["message_budget"]),
        from_json(tuple[KnownCheck, ...], table["checks"], Path()),
    )
