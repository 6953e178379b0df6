"""The run report that the bench's pytest plugin writes (schema `kitbench-run-report/1`), read with suspicion.

A report that is not understood to the letter is an error of the bench, never a pass.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.errors import BenchError, Fault

from ..judgement import Outcome, one_line

SCHEMA: Final = "kitbench-run-report/1"
LARGEST_REPORT: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the on-kit suite; `nodeid` is pytest's name of it, `variant` empty when it concerns none.

    `lacks` is what the kit's stand-in lacks, where that kept the check from being judged; else empty.
    `no_relay` is the bench's own word that it has no way to lead this kit to a hostile endpoint.
    """

    name: str
    nodeid: str
    criterion: str
    variant: str
    outcome: Outcome
    fault: Fault | None = None
    stage: str = ""
    reason: str = ""
    seconds: float = 0.0
    lacks: str = ""
    no_relay: bool = False


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run of the on-kit suite.

    Attributes:
        expected_checks: pytest's names of the checks that were selected.
        complete: whether the bench says that each of them has an outcome.
        exit_status: pytest's, None when it never came to its end.
        variants_built: those that were built and flashed.
    """

    run_id: str
    checks: tuple[Check, ...]
    expected_checks: tuple[str, ...]
    complete: bool
    exit_status: int | None
    variants_built: tuple[str, ...] = ()
    kit: Mapping[str, Any] | None = None
    cloud: Mapping[str, Any] | None = None
    meter: Mapping[str, Any] | None = None
    seconds: float = 0.0


def read_run_report(path: Path) -> RunReport:
    """Return the report in a file.

    Raises:
        BenchError: it is missing, too large, or not what the schema says.
    """
    try:
        if path.stat().st_size > LARGEST_REPORT:
            raise BenchError(f"the run report is larger than {LARGEST_REPORT >> 20} MB", stage="run report")
        return parse_run_report(json.loads(path.read_bytes()))
    except FileNotFoundError as error:
        raise BenchError("the on-kit suite wrote no run report", stage="run report") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BenchError(f"the run report is malformed: {one_line(repr(error))}", stage="run report") from error


def parse_run_report(table: Mapping[str, Any]) -> RunReport:
    """Return the report that a decoded JSON object describes.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: it is not what the schema says.
    """
    if table["schema"] != SCHEMA:
        raise ValueError(f"schema is {table['schema']!r}, expected {SCHEMA!r}")
    if not isinstance(table["complete"], bool):
        raise TypeError("complete is not true or false")
    return RunReport(
        run_id=str(table["run_id"]),
        checks=tuple(_check(row) for row in table["checks"]),
        expected_checks=tuple(str(name) for name in table["expected_checks"]),
        complete=table["complete"],
        exit_status=None if table["exit_status"] is None else int(table["exit_status"]),
        variants_built=tuple(str(build["variant"]) for build in table.get("builds") or ()),
        kit=table.get("kit"),
        cloud=table.get("cloud"),
        meter=table.get("meter"),
        seconds=float(table.get("seconds") or 0.0),
    )


def _check(row: Mapping[str, Any]) -> Check:
    return Check(
        name=str(row["name"]),
        nodeid=str(row["nodeid"]),
        criterion=str(row["criterion"]),
        variant=str(row.get("variant") or ""),
        outcome=Outcome(row["outcome"]),
        fault=None if row.get("fault") is None else Fault(row["fault"]),
        stage=one_line(str(row.get("stage") or "")),
        reason=one_line(str(row.get("reason") or "")),
        seconds=float(row.get("seconds") or 0.0),
        lacks=one_line(str(row.get("lacks") or "")),
        no_relay=row.get("no_relay") is True,
    )
