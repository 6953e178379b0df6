"""The fixtures that kitbench offers to every test, from the run's cloud and kit down to the verdict on its flash.

Only their names are here: what they do is loaded when the first one runs, so that a session without a kit is light.
Each one that needs a kit asks for `on_kit_run`, and by that its tests are told from others.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from kitbench.bench.bench_board import BenchBoard
    from kitbench.bench.builds.firmware_build import FirmwareBuild, FirmwareSource
    from kitbench.bench.builds.variant import Variant
    from kitbench.bench.flash_verdict import FlashReport
    from kitbench.bench.kits.bench_kit import BenchKit
    from kitbench.bench.kits.kit_thing import KitThing
    from kitbench.bench.kits.running_kit import RunningKit
    from kitbench.bench.records.evidence import Evidence
    from kitbench.bench.sensor_to_table.rule_in_test import RuleInTest
    from kitbench.bench.traffic.arrivals import Arrivals
    from kitbench.bench.traffic.wire import Wire
    from kitbench.cloud.billing.meter import Meter
    from kitbench.cloud.endpoint import Endpoint
    from kitbench.cloud.hostile.hostile_endpoint import HostileEndpoint
    from kitbench.cloud.mqtt.message import Presence
    from kitbench.cloud.mqtt.observer import Observer
    from kitbench.cloud.things.client_identity import Topics
    from kitbench.cloud.things.ledger import Ledger
    from kitbench.firmware.overlay import Overlay
    from kitbench.firmware.own_endpoint import OwnEndpoint
    from kitbench.forensics.proof.verdict import Verdict
    from kitbench.pytest_plugin import fixture_bodies as bodies
    from kitbench.pytest_plugin.on_kit_run import OnKitRun
    from kitbench.traffic_rules import TrafficRules
else:

    class _Bodies:
        """The module with what the fixtures do, imported when it is first asked for."""

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):  # pytest looks whether it is a fixture itself
                raise AttributeError(name)
            return getattr(import_module("kitbench.pytest_plugin.fixture_bodies"), name)

    bodies = _Bodies()


@pytest.fixture(scope="session")
def on_kit_run(request: pytest.FixtureRequest) -> OnKitRun:
    """The run, with its options and its report."""
    return bodies.run_of(request.config)


@pytest.fixture(scope="session")
def run_folder() -> Iterator[Path]:
    """The run's private folder: builds hold its key, so it is gone at the end, unlike pytest's temporary folders."""
    with bodies.private_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def evidence(on_kit_run: OnKitRun, run_folder: Path) -> Evidence:
    """The folder that keeps what may be looked at afterwards (`--evidence`); with several workers one for each."""
    return bodies.evidence(on_kit_run, run_folder)


@pytest.fixture(scope="session")
def flash_report(evidence: Evidence) -> FlashReport:
    """What was found in the flash of the run's variants, side by side."""
    return bodies.FlashReport(evidence)


@pytest.fixture(scope="session")
def own_names(on_kit_run: OnKitRun) -> OwnEndpoint:
    """The endpoint, port, client id and topic that the project keeps on this kit with this cloud."""
    return bodies.own_names(on_kit_run)


@pytest.fixture(scope="session")
def host_names(on_kit_run: OnKitRun, own_names: OwnEndpoint) -> tuple[str, ...]:
    """By which names the kit's firmware knows this machine, beyond those that the machine has itself."""
    return bodies.host_names(on_kit_run, own_names)


@pytest.fixture(scope="session")
def cloud(on_kit_run: OnKitRun, run_folder: Path, host_names: tuple[str, ...]) -> Iterator[Endpoint]:
    """The cloud: an account of AWS, or a local IoT core."""
    yield from bodies.cloud(on_kit_run, run_folder, host_names)


@pytest.fixture(scope="session")
def hostile_endpoint(
    on_kit_run: OnKitRun, own_names: OwnEndpoint, host_names: tuple[str, ...], cloud: Endpoint
) -> Iterator[HostileEndpoint]:
    """An endpoint that a kit must refuse, on a loopback port that the wire can lead it to."""
    kit_host = bodies.kit_host(on_kit_run, own_names, cloud)
    with bodies.HostileEndpoint(host_names=(*host_names, cloud.mqtt_host), kit_host=kit_host) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def wire(
    on_kit_run: OnKitRun, cloud: Endpoint, own_names: OwnEndpoint, hostile_endpoint: HostileEndpoint
) -> Iterator[Wire]:
    """The way from the kit to the cloud, which the bench can lead to the hostile endpoint."""
    with bodies.open_wire(on_kit_run.kits[0], cloud, own_names, hostile_endpoint, on_kit_run.options.relay) as wire:
        yield wire


@pytest.fixture(scope="session")
def bench_kit(
    on_kit_run: OnKitRun, wire: Wire, evidence: Evidence, run_folder: Path, request: pytest.FixtureRequest
) -> Iterator[BenchKit]:
    """The kit on its port, or in its process; `bench_kit.build` builds a project for it."""
    if on_kit_run.desk is not None and on_kit_run.options.build is None:
        request.getfixturevalue("firmware")  # others may have the kit until it is built
    yield from bodies.bench_kit(on_kit_run, wire, evidence, run_folder)


@pytest.fixture
def board(on_kit_run: OnKitRun, bench_kit: BenchKit) -> Iterator[BenchBoard]:
    """What is wired to the kit's pins (`--board`): set sensors and read lamps, where the kit is virtual."""
    yield from bodies.board(on_kit_run, bench_kit)


@pytest.fixture(scope="session")
def variant(request: pytest.FixtureRequest) -> Variant:
    """Where the firmware keeps its key, for projects that have such variants; `Variant.NONE` for others."""
    return bodies.variant(request)


@pytest.fixture(scope="session")
def bench_state(cloud: Endpoint, run_folder: Path) -> Path:
    """What has to outlive the run if the cloud does: a local IoT core ends with its run."""
    return run_folder if cloud.kind == "local" else bodies.state_folder()


@pytest.fixture(scope="session")
def meter(on_kit_run: OnKitRun, cloud: Endpoint, bench_state: Path) -> Iterator[Meter]:
    """Counts the messages that AWS would bill, and holds the kit in reset before the budget is gone."""
    yield from bodies.meter(on_kit_run, cloud, bench_state)


@pytest.fixture(scope="session")
def ledger(on_kit_run: OnKitRun, cloud: Endpoint, bench_state: Path) -> Iterator[Ledger]:
    """What this run makes in the cloud, written down before it is made; first, what runs that died left is removed."""
    yield from bodies.ledger(on_kit_run, cloud, bench_state)


@pytest.fixture(scope="session")
def client_id(ledger: Ledger, variant: Variant, own_names: OwnEndpoint) -> str:
    """The kit's MQTT client id, known before anything is made: the run's own, unless the project keeps its own."""
    return bodies.client_id(ledger, variant, own_names)


@pytest.fixture(scope="session")
def topic(on_kit_run: OnKitRun, cloud: Endpoint, own_names: OwnEndpoint) -> Iterator[str]:
    """The class's topic, or the project's own, held alone; else one of the run's, in Kconfig's EXAMPLE_TOPIC."""
    yield from bodies.topic(on_kit_run, cloud, own_names)


@pytest.fixture(scope="session")
def topics(topic: str) -> Topics:
    """The exact topics that the kit may publish on and subscribe to; override it where the firmware has others."""
    return bodies.Topics.both(topic)


@pytest.fixture(scope="session")
def thing(
    on_kit_run: OnKitRun,
    cloud: Endpoint,
    ledger: Ledger,
    variant: Variant,
    topics: Topics,
    client_id: str,
    meter: Meter,
) -> Iterator[KitThing]:
    """The kit's thing, its certificate and policy; gone after its tests."""
    yield from bodies.thing(on_kit_run, cloud, ledger, variant, topics, client_id, meter)


@pytest.fixture(scope="session")
def firmware_source(on_kit_run: OnKitRun, request: pytest.FixtureRequest) -> FirmwareSource:
    """The project that the run builds (`--project`, or the one in the user's folder)."""
    return bodies.firmware_source(on_kit_run, request.config)


@pytest.fixture(scope="session")
def overlay(on_kit_run: OnKitRun, firmware_source: FirmwareSource, thing: KitThing, wire: Wire, topic: str) -> Overlay:
    """What is laid over a copy of the project before it is built: this run's identity, endpoint and Wi-Fi.

    Override it for firmware that keeps them elsewhere than the course's projects do.
    """
    return bodies.overlay(on_kit_run, firmware_source, thing, wire, topic)


@pytest.fixture(scope="session")
def nvs_strings(on_kit_run: OnKitRun, thing: KitThing, wire: Wire) -> dict[str, dict[str, str]]:
    """What `--identity nvs` flashes: namespace → key → text; override it for firmware that reads other names."""
    return bodies.nvs_strings(on_kit_run, thing, wire)


@pytest.fixture(scope="session")
def firmware(
    on_kit_run: OnKitRun,
    request: pytest.FixtureRequest,
    firmware_source: FirmwareSource,
    variant: Variant,
    overlay: Overlay,
    thing: KitThing,
    wire: Wire,
    nvs_strings: dict[str, dict[str, str]],
    run_folder: Path,
) -> FirmwareBuild:
    """The firmware, built for the kit or finished before (`--build`); its hashes are in the run report."""

    def bench_kit() -> BenchKit:
        kit: BenchKit = request.getfixturevalue("bench_kit")  # late: a kit may be handed out when all is built
        return kit

    if on_kit_run.options.build is not None:
        return bodies.finished_firmware(on_kit_run, bench_kit(), thing, wire, nvs_strings, run_folder)
    build = bodies.builder(on_kit_run, bench_kit)
    return bodies.firmware(on_kit_run, build, firmware_source, variant, overlay, run_folder)


@pytest.fixture(scope="session")
def observer(
    on_kit_run: OnKitRun, cloud: Endpoint, ledger: Ledger, thing: KitThing, meter: Meter, evidence: Evidence
) -> Iterator[Observer]:
    """The bench's eye in the cloud: every message on the kit's topics, and who comes and goes."""
    yield from bodies.observer(on_kit_run, cloud, ledger, thing, meter, evidence)


@pytest.fixture(scope="session")
def rule_in_test(
    on_kit_run: OnKitRun, cloud: Endpoint, ledger: Ledger, observer: Observer, meter: Meter
) -> Iterator[RuleInTest]:
    """A student's rule and table (`--rule`, `--table`), made under the run's names; gone afterwards."""
    yield from bodies.rule_in_test(on_kit_run, cloud, ledger, observer, meter)


@pytest.fixture
def test_began(meter: Meter) -> float:
    """When the test began, in seconds since 1970: before its kit was started, and never once the budget is spent."""
    return bodies.test_began(meter)


@pytest.fixture
def running_kit(
    test_began: float,
    dut: Any,
    bench_kit: BenchKit,
    on_kit_run: OnKitRun,
    thing: KitThing,
    firmware: FirmwareBuild,
    observer: Observer,
    evidence: Evidence,
    request: pytest.FixtureRequest,
) -> Iterator[RunningKit]:
    """The kit, flashed and started; silent again after the test, as a kit that runs on empties the free tier."""
    del test_began, observer  # asked for their order: both are there before the kit runs
    yield from bodies.running_kit(dut, bench_kit, on_kit_run, thing, firmware, evidence, request.node.name)


@pytest.fixture
def connected_kit(
    running_kit: RunningKit, observer: Observer, thing: KitThing, cloud: Endpoint, test_began: float
) -> Presence:
    """The kit once the cloud says that it is connected: with which client id and which certificate."""
    return bodies.connected_kit(running_kit, observer, thing, cloud, test_began)


@pytest.fixture(scope="session")
def clock_factor(on_kit_run: OnKitRun) -> float:
    """How much faster than real time the kit's clock runs."""
    return on_kit_run.options.clock_factor


@pytest.fixture(scope="session")
def traffic_rules(on_kit_run: OnKitRun) -> TrafficRules:
    """What the class's rubric asks of the kit's messages."""
    return on_kit_run.options.traffic


@pytest.fixture
def arrivals(
    running_kit: RunningKit,
    connected_kit: Presence,
    observer: Observer,
    thing: KitThing,
    cloud: Endpoint,
    traffic_rules: TrafficRules,
) -> Iterator[Arrivals]:
    """The kit's messages since it connected, as they come."""
    yield from bodies.arrivals(running_kit, connected_kit, observer, thing, cloud, traffic_rules)


@pytest.fixture
def provisioning_kit(running_kit: RunningKit) -> RunningKit:
    """The kit in its provisioning console, for firmware that has the one of the `atecc608a` variant."""
    running_kit.enter_console()
    return running_kit


@pytest.fixture
def verdict(
    running_kit: RunningKit,
    connected_kit: Presence,
    thing: KitThing,
    firmware: FirmwareBuild,
    flash_report: FlashReport,
) -> Verdict:
    """What an audit of the kit's whole flash says, after its firmware has run and connected."""
    del connected_kit  # all that a run leaves in flash is there
    return bodies.verdict(running_kit, thing, firmware, flash_report)
