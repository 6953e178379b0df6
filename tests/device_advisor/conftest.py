"""The kit's way leads to Device Advisor's endpoint in place of the broker's."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kitbench.bench.bench_cloud import open_cloud
from kitbench.bench.device_advisor.advisor_client import AdvisorClient
from kitbench.bench.device_advisor.suite_choice import SUITES
from kitbench.bench.wire import Wire, open_wire
from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.hostile_endpoint import HostileEndpoint
from kitbench.firmware.own_endpoint import OwnEndpoint
from kitbench.pytest_plugin.on_kit_run import OnKitRun


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what `kitbench device-advisor` passes on."""
    group = parser.getgroup("device advisor")
    group.addoption("--advisor-suite", choices=SUITES, default=SUITES[0], help="which tests")
    group.addoption("--advisor-test", action="append", default=[], metavar="ID", help="this test only")
    group.addoption("--advisor-report", metavar="FILE", type=Path, help="write the report (JSON) here")
    group.addoption("--advisor-listen", default="", metavar="ADDRESS", help="the local core's, for attached kits")


@pytest.fixture(scope="session")
def cloud(
    on_kit_run: OnKitRun, run_folder: Path, host_names: tuple[str, ...], request: pytest.FixtureRequest
) -> Iterator[Endpoint]:
    """A local core, in the lab's network where the kit is attached."""
    folder, listen = run_folder / "cloud", request.config.getoption("--advisor-listen")
    folder.mkdir()
    with open_cloud("local", folder, host_names=host_names, listen=listen) as endpoint:
        on_kit_run.report.cloud = {"kind": endpoint.kind, "region": endpoint.region}
        yield endpoint


@pytest.fixture(scope="session")
def advisor(cloud: Endpoint, clock_factor: float) -> AdvisorClient:
    """Device Advisor of the local core."""
    return AdvisorClient(cloud, clock_factor=clock_factor)


@pytest.fixture(scope="session")
def wire(
    on_kit_run: OnKitRun,
    cloud: Endpoint,
    advisor: AdvisorClient,
    own_names: OwnEndpoint,
    hostile_endpoint: HostileEndpoint,
) -> Iterator[Wire]:
    """The way from the kit to Device Advisor's endpoint."""
    with open_wire(on_kit_run.kits[0], replace(cloud, mqtt_port=advisor.port()), own_names, hostile_endpoint) as wire:
        yield wire
