"""The kit's way leads to Device Advisor's endpoint in place of the broker's."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kitbench.bench.device_advisor.advisor_client import AdvisorClient
from kitbench.bench.device_advisor.suite_choice import SUITES
from kitbench.bench.traffic.wire import Wire, open_wire
from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.hostile.hostile_endpoint import HostileEndpoint
from kitbench.firmware.own_endpoint import OwnEndpoint
from kitbench.pytest_plugin.on_kit_run import OnKitRun


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what `kitbench device-advisor` passes on."""
    group = parser.getgroup("device advisor")
    group.addoption("--advisor-suite", choices=SUITES, default=SUITES[0], help="which tests")
    group.addoption("--advisor-test", action="append", default=[], metavar="ID", help="this test only")
    group.addoption("--advisor-job-document", metavar="FILE", type=Path, help="of the job that the kit is given")
    group.addoption("--advisor-report", metavar="FILE", type=Path, help="write the report (JSON) here")


@pytest.fixture(scope="session")
def advisor(cloud: Endpoint, clock_factor: float, pytestconfig: pytest.Config) -> AdvisorClient:
    """Device Advisor of the local core."""
    document: Path | None = pytestconfig.getoption("--advisor-job-document")
    text = document.read_text(encoding="utf-8") if document else ""
    return AdvisorClient(cloud, clock_factor=clock_factor, job_document=text)


@pytest.fixture(scope="session")
def wire(
    on_kit_run: OnKitRun,
    cloud: Endpoint,
    advisor: AdvisorClient,
    own_names: OwnEndpoint,
    hostile_endpoint: HostileEndpoint,
) -> Iterator[Wire]:
    """The way from the kit to Device Advisor's endpoint."""
    kit, lab = on_kit_run.kits[0], on_kit_run.options.relay
    with open_wire(kit, replace(cloud, mqtt_port=advisor.port()), own_names, hostile_endpoint, lab) as wire:
        yield wire
