"""The run report: what was checked, on which kit and cloud, with which outcome, and whose fault a failure is.

The schema stands in docs/run-report.md; `grading` reads it. The report is complete only when every check that was
selected has an outcome, so that a run which died cannot pass for one that went well.
"""

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from kitbench.errors import Fault

SCHEMA: Final = "kitbench-run-report/1"
REASON_LIMIT: Final = 300


class CheckOutcome(StrEnum):
    """What became of a check. Only `FAILED` costs points."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_GRADED = "not_graded"


@dataclass(frozen=True, slots=True)
class Check:
    """One test of the on-kit suite for one variant.

    Attributes:
        name: the test's name without `test_` and parameters.
        criterion: the rubric's criterion that it serves.
        variant: the firmware's variant, or "" when it concerns none.
        nodeid: pytest's name of it.
        outcome: what became of it.
        fault: whose fault it is, None when it passed.
        stage: the stage that it reached, such as "build" or "connect".
        reason: one line, "" when it passed.
        seconds: how long it took, set-up included.
        lacks: the feature that the kit's stand-in lacks, where that is why it was not judged; else "".
        no_relay: the bench says that it has no way to lead this kit to a hostile endpoint, and so could not judge it.
    """

    name: str
    criterion: str
    variant: str
    nodeid: str
    outcome: CheckOutcome
    fault: Fault | None
    stage: str
    reason: str
    seconds: float
    lacks: str = ""
    no_relay: bool = False


@dataclass(slots=True)
class RunReport:
    """Everything that a grader needs to know of one run."""

    run_id: str
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    kit: dict[str, Any] = field(default_factory=dict)
    cloud: dict[str, Any] = field(default_factory=dict)
    builds: list[dict[str, Any]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    expected_checks: list[str] = field(default_factory=list)
    meter: dict[str, Any] = field(default_factory=dict)
    exit_status: int | None = None

    @property
    def complete(self) -> bool:
        """Every selected check has an outcome, and there was one at least."""
        return bool(self.expected_checks) and {check.nodeid for check in self.checks} == set(self.expected_checks)

    def to_json(self) -> str:
        """Return the report as JSON, keys in the order of the schema."""
        body = {"schema": SCHEMA} | asdict(self) | {"complete": self.complete}
        body["started"] = self.started.isoformat(timespec="milliseconds")
        return json.dumps(body, indent=1) + "\n"

    def write(self, path: Path) -> None:
        """Write the report in one piece: a reader sees the old one or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(self.to_json())
        Path(name).replace(path)


def one_line(text: str) -> str:
    """Return the first non-empty line, printable and of bounded length."""
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line), "")
    return "".join(c if c.isprintable() else "?" for c in first)[:REASON_LIMIT]
