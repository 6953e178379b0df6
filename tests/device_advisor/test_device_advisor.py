"""AWS IoT Device Advisor's tests on the kit; `kitbench device-advisor` runs them and says how each ended."""

import sys
from pathlib import Path
from typing import Any

import pytest

from kitbench import FirmwareBuild, RunningKit, Thing, Wire
from kitbench.bench.device_advisor.advisor_client import AdvisorClient
from kitbench.bench.device_advisor.build_facts import settings_of
from kitbench.bench.device_advisor.kit_suite import KitSuite
from kitbench.bench.device_advisor.suite_choice import choose_tests
from kitbench.bench.device_advisor.suite_report import FIX_MARK, make_report, write_report
from kitbench.cloud.endpoint import Endpoint
from kitbench.pytest_plugin.on_kit_run import OnKitRun
from kitbench.quoting.terminal import printable_line

pytestmark = [pytest.mark.hardware, pytest.mark.timeout(0)]


def test_device_advisor(
    running_kit: RunningKit,
    advisor: AdvisorClient,
    wire: Wire,
    cloud: Endpoint,
    thing: Thing,
    firmware: FirmwareBuild,
    on_kit_run: OnKitRun,
    request: pytest.FixtureRequest,
) -> None:
    """The kit passes the tests of Device Advisor's suite, or is not judged by them."""
    suite = request.config.getoption("--advisor-suite")
    cases = choose_tests(suite, tuple(request.config.getoption("--advisor-test")))
    capture: Any = request.config.pluginmanager.getplugin("capturemanager")
    device = {"thingArn": cloud.arn(f"thing/{thing.identity.thing_name}")} if thing.is_provisioned else {}
    on_suite = KitSuite(
        running_kit, advisor, device, wire.has_own_tls, settings_of(firmware.folder), on_kit_run.without_keys
    )
    results: list[dict[str, Any]] = []
    for result in on_suite.run(cases):
        results.append(result)
        with capture.global_and_fixture_disabled():
            line = printable_line(f"{result['name']}: {result['reason']}")
            fix = f"{FIX_MARK}{printable_line(result['fix'])}\n" if result["fix"] else ""
            sys.stdout.write(f"\n{result['outcome']:>20}  {line}\n{fix}")
            sys.stdout.flush()
        _write(request, results, suite, thing, is_complete=len(results) == len(cases))

    assert not [result["id"] for result in results if result["outcome"] == "failed"]


def _write(
    request: pytest.FixtureRequest, results: list[dict[str, Any]], suite: str, thing: Thing, *, is_complete: bool
) -> None:
    """Write the report anew after each test: a run that dies leaves one that says so."""
    path: Path | None = request.config.getoption("--advisor-report")
    if path is not None:
        write_report(make_report(results, suite=suite, device=thing.client_id, is_complete=is_complete), json_file=path)
