"""One run report from those of pytest-xdist's workers. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from kitbench.bench.records.run_report import Check, CheckOutcome, RunReport
from kitbench.errors import Fault

SUMMED: Final = ("units", "budget", "projection_month")


def gather(whole: RunReport, parts: Iterable[str]) -> None:
    """Fill the report of a whole run with what the workers' reports (JSON) say.

    Every worker expects all checks and runs its share: where one died, checks are missing and the whole is incomplete.
    """
    reports: list[dict[str, Any]] = [json.loads(part) for part in parts]
    whole.expected_checks = list(dict.fromkeys(name for report in reports for name in report["expected_checks"]))
    whole.checks = [_check(check) for report in reports for check in report["checks"]]
    whole.builds = [build for report in reports for build in report["builds"]]
    whole.kit = _one_or_all([report["kit"] for report in reports if report["kit"]], "kits")
    whole.cloud = _one_or_all([report["cloud"] for report in reports if report["cloud"]], "clouds")
    meters = [report["meter"] for report in reports if report["meter"]]
    whole.meter = {key: sum(meter[key] for meter in meters) for key in SUMMED} if meters else {}


def _check(values: Mapping[str, Any]) -> Check:
    fault = Fault(values["fault"]) if values["fault"] else None
    return Check(**{**values, "outcome": CheckOutcome(values["outcome"]), "fault": fault})


def _one_or_all(described: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """Return the only description, or one that holds all under `name`."""
    if len(described) < 2:
        return described[0] if described else {}
    return {"kind": described[0]["kind"], name: described}
