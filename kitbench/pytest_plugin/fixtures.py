"""The fixtures of on-kit tests, from the run's cloud and kit down to the running kit and the verdict on its flash."""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from kitbench.bench.arrivals import FIRST_WITHIN_S, Arrivals
from kitbench.bench.bench_cloud import open_cloud
from kitbench.bench.bench_kit import BenchKit, open_kit
from kitbench.bench.crash_watch import CrashWatch
from kitbench.bench.enrolment import enrol
from kitbench.bench.evidence import Evidence
from kitbench.bench.firmware_build import USUAL_FLASH_SIZE, FirmwareBuild, FirmwareSource
from kitbench.bench.flash_verdict import FlashReport
from kitbench.bench.kit_choice import LACKS
from kitbench.bench.kit_in_test import KitInTest
from kitbench.bench.kit_thing import KitThing
from kitbench.bench.loopback import hears_itself
from kitbench.bench.running_kit import RunningKit
from kitbench.bench.stale_folder import remove_stale_folders
from kitbench.bench.variant import Variant
from kitbench.bench.wire import Wire, open_wire, surroundings
from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.hostile_endpoint import HostileEndpoint
from kitbench.cloud.identity import Topics
from kitbench.cloud.ledger import LEDGERS, Ledger, open_ledger
from kitbench.cloud.message import Presence
from kitbench.cloud.meter import Meter
from kitbench.cloud.monthly_usage import USAGE, add_usage
from kitbench.cloud.observer import NothingCameError, Observer
from kitbench.cloud.recovery import recover
from kitbench.cloud.refusal import refusals
from kitbench.cloud.state_folder import state_folder
from kitbench.cloud.topic_lease import lease
from kitbench.errors import UsageError
from kitbench.firmware.overlay import Overlay
from kitbench.firmware.own_endpoint import OwnEndpoint
from kitbench.forensics.verdict import Verdict
from kitbench.pytest_plugin.on_kit_run import RUN_KEY, OnKitRun
from kitbench.pytest_plugin.options import read_options
from kitbench.traffic_rules import TrafficRules

#: The topic in the source of the course's sample, where Kconfig cannot set another.
COURSE_TOPIC: Final = "test_topic/esp32"
#: Longer than any run: after this time another bench may take the course's topic, in seconds.
LEASE_S: Final = 3600.0
CONNECTED_WITHIN_S: Final = 30.0
#: The same for a kit that did not connect in the test before: it has cost half a minute already.
SECOND_CHANCE_S: Final = 8.0

LACKED_KEY: Final = pytest.StashKey[list[str]]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run on-kit tests once per variant asked for and suited: `@pytest.mark.variants("atecc608a")` names the suited."""
    if "variant" not in metafunc.fixturenames or not metafunc.definition.get_closest_marker("hardware"):
        return
    named = metafunc.config.getoption("--variant")
    suited = metafunc.definition.get_closest_marker("variants")
    usual = (Variant.EMBEDDED_KEY, Variant.ATECC608A)
    wanted = [v for v in Variant if v.value in named] if named else list(Variant if suited else usual)
    chosen = [v for v in wanted if suited is None or v.value in suited.args]
    metafunc.parametrize("variant", chosen, indirect=True, scope="session", ids=[v.value for v in chosen])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests for which no variant that was asked for is suited, and those of variants that the kit lacks."""
    lacked = lacked_variants(config)
    config.stash[LACKED_KEY] = sorted({lacked[variant] for item in items if (variant := _variant_of(item)) in lacked})
    unsuited = [item for item in items if not _is_suited(_variant_of(item)) or _variant_of(item) in lacked]
    if unsuited:
        config.hook.pytest_deselected(items=unsuited)
        items[:] = [item for item in items if item not in unsuited]


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    """Say why tests of a variant are not run on this kit."""
    return [f"deselected: {reason}, so its tests show nothing here" for reason in config.stash.get(LACKED_KEY, [])]


def lacked_variants(config: pytest.Config) -> dict[object, str]:
    """Return why the kit cannot have a variant, for those that were not asked for by name: that is a mistake."""
    try:
        options = read_options(config)
    except UsageError:  # told when the run starts
        return {}
    return {variant: why for (kit, variant), why in LACKS.items() if kit == options.kit and not options.variants}


def _is_suited(variant: object) -> bool:
    return variant is None or isinstance(variant, Variant)


def _variant_of(item: pytest.Item) -> object:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("variant") if callspec else None


@pytest.fixture(scope="session")
def on_kit_run(request: pytest.FixtureRequest) -> OnKitRun:
    """The run, with its options and its report."""
    run = request.config.stash.get(RUN_KEY, None)
    if run is None:
        raise UsageError("an on-kit fixture is used outside an on-kit test", mend="mark the test `hardware`")
    return run


@pytest.fixture(scope="session")
def run_folder() -> Iterator[Path]:
    """The run's private folder: builds hold its key, so it is gone at the end, unlike pytest's temporary folders."""
    remove_stale_folders(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix="kitbench-run-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def evidence(on_kit_run: OnKitRun, run_folder: Path) -> Evidence:
    """The folder that keeps what a grader may look at; with several workers each has one of its own in it."""
    return Evidence((on_kit_run.options.evidence or run_folder / "evidence") / on_kit_run.worker.name)


@pytest.fixture(scope="session")
def flash_report(evidence: Evidence) -> FlashReport:
    """What was found in the flash of the run's variants, side by side."""
    return FlashReport(evidence)


@pytest.fixture(scope="session")
def own_names(on_kit_run: OnKitRun) -> OwnEndpoint:
    """The endpoint, port and client id that the project keeps on this kit with this cloud."""
    return surroundings(on_kit_run.kits[0], on_kit_run.cloud, on_kit_run.options.source.project)


@pytest.fixture(scope="session")
def host_names(on_kit_run: OnKitRun, own_names: OwnEndpoint) -> tuple[str, ...]:
    """By which names the kit's firmware knows this machine, beyond those that the machine has itself."""
    return (*on_kit_run.kits[0].host_names, *([own_names.host] if own_names.host else []))


@pytest.fixture(scope="session")
def cloud(on_kit_run: OnKitRun, run_folder: Path, host_names: tuple[str, ...]) -> Iterator[Endpoint]:
    """The cloud: an account of AWS, or a local IoT core."""
    folder = run_folder / "cloud"
    folder.mkdir()
    with open_cloud(on_kit_run.cloud, folder, host_names=host_names) as endpoint:
        on_kit_run.report.cloud = {
            "kind": endpoint.kind,
            "region": endpoint.region,
            "endpoint": f"{endpoint.mqtt_host}:{endpoint.mqtt_port}",
        }
        yield endpoint


@pytest.fixture(scope="session")
def hostile_endpoint(host_names: tuple[str, ...]) -> Iterator[HostileEndpoint]:
    """An endpoint that a kit must refuse, on a loopback port that a kit in software can be led to."""
    with HostileEndpoint(host_names=host_names) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def wire(
    on_kit_run: OnKitRun, cloud: Endpoint, own_names: OwnEndpoint, hostile_endpoint: HostileEndpoint
) -> Iterator[Wire]:
    """The way from the kit to the cloud, which the bench can lead to the hostile endpoint."""
    with open_wire(on_kit_run.kits[0], cloud, own_names, hostile_endpoint) as wire:
        yield wire


@pytest.fixture(scope="session")
def bench_kit(on_kit_run: OnKitRun, wire: Wire, evidence: Evidence, run_folder: Path) -> Iterator[BenchKit]:
    """The kit on its port, or in its process."""
    options = on_kit_run.options
    choice, *spares = on_kit_run.kits
    log = evidence.folder / "kit.log"
    factor = options.clock_factor
    with open_kit(choice, wire.access_points, log, folder=run_folder, clock_factor=factor, spares=tuple(spares)) as kit:
        on_kit_run.report.kit = kit.description
        yield kit
    evidence.clean(log.name)  # a virtual kit writes it itself, with words of the firmware's in it


@pytest.fixture(scope="session")
def variant(request: pytest.FixtureRequest) -> Variant:
    """Where the firmware keeps its key."""
    chosen: Variant = request.param
    return chosen


@pytest.fixture(scope="session")
def bench_state(cloud: Endpoint, run_folder: Path) -> Path:
    """What has to outlive the run if the cloud does: a local IoT core ends with its run."""
    return run_folder if cloud.kind == "local" else state_folder()


@pytest.fixture(scope="session")
def meter(on_kit_run: OnKitRun, cloud: Endpoint, bench_state: Path) -> Iterator[Meter]:
    """Counts the messages that AWS would bill, and holds the kit in reset before the budget is gone."""

    def hold() -> None:
        # Looked up only now: the way to hold the kit comes and goes with its tests.
        on_kit_run.live.hold_kit()

    meter = Meter(on_kit_run.budget, on_stop=hold)
    yield meter
    reading = meter.reading()
    on_kit_run.report.meter = {
        "units": reading.total,
        "registry_operations": reading.registry_operations,
        "budget": reading.budget,
        # A kit with a hurried clock publishes as much faster; the month is one of a kit with a real one.
        "projection_month": round(reading.projection_month / on_kit_run.options.clock_factor),
    }
    add_usage(bench_state / USAGE, cloud.cloud_id, reading.total)


@pytest.fixture(scope="session")
def topic(on_kit_run: OnKitRun, cloud: Endpoint) -> Iterator[str]:
    """The kit's topic: the class's, else the run's own where Kconfig can set it, else the course's, held alone."""
    fixed = on_kit_run.options.traffic.topic
    menu = on_kit_run.options.source.project / "main" / "Kconfig.projbuild"
    if not fixed and menu.is_file() and "config EXAMPLE_TOPIC" in menu.read_text(encoding="utf-8", errors="replace"):
        yield on_kit_run.names.topic()
        return
    with lease(cloud, on_kit_run.names, fixed or COURSE_TOPIC, hold_s=LEASE_S):
        yield fixed or COURSE_TOPIC


@pytest.fixture(scope="session")
def ledger(on_kit_run: OnKitRun, cloud: Endpoint, bench_state: Path) -> Iterator[Ledger]:
    """What this run makes in the cloud, written down before it is made; first, what runs that died left is removed."""
    folder = bench_state / LEDGERS
    recover(cloud, folder=folder)
    with open_ledger(cloud.cloud_id, folder=folder, run=on_kit_run.names) as ledger:
        yield ledger


@pytest.fixture(scope="session")
def thing(
    cloud: Endpoint, ledger: Ledger, variant: Variant, topic: str, own_names: OwnEndpoint, meter: Meter
) -> Iterator[KitThing]:
    """The kit's thing; gone after its tests."""
    with ExitStack() as stack:
        client_id = own_names.client_id
        thing = KitThing(cloud, ledger, variant, topic, stack=stack, client_id=client_id, meter=meter)
        if variant is not Variant.ATECC608A:
            thing.provision_embedded()
        yield thing


@pytest.fixture(scope="session")
def firmware_source(on_kit_run: OnKitRun) -> FirmwareSource:
    """The project that the run builds; a test that wants it built otherwise calls `bench_kit.build` with it."""
    return on_kit_run.options.source


@pytest.fixture(scope="session")
def firmware(
    on_kit_run: OnKitRun,
    firmware_source: FirmwareSource,
    bench_kit: BenchKit,
    thing: KitThing,
    wire: Wire,
    variant: Variant,
    run_folder: Path,
) -> FirmwareBuild:
    """The project, built with this run's certificate, endpoint, client id and topic laid over a copy."""
    folder = run_folder / variant / "build"
    overlay = thing.overlay().merged_with(wire.overlay()).merged_with(Overlay(kconfig=on_kit_run.options.bench.wifi))
    build = bench_kit.build(firmware_source, folder, variant, overlay)
    hashes = {"variant": variant.value, "app_sha256": build.app_sha256, "elf_sha256": build.elf_sha256}
    on_kit_run.report.builds.append(hashes)
    return build


@pytest.fixture(scope="session")
def observer(
    on_kit_run: OnKitRun, cloud: Endpoint, ledger: Ledger, thing: KitThing, meter: Meter, evidence: Evidence
) -> Iterator[Observer]:
    """The bench's eye in the cloud: every message on the kit's topic, and who comes and goes."""
    topics = Topics.both(thing.topic).for_observer([thing.client_id])
    client_id = ledger.run.name("observer")
    watched = [thing.watched]
    with Observer(cloud, topics=topics, client_id=client_id, watched=watched, meter=meter) as observer:
        with on_kit_run.live.with_cloud(lambda: hears_itself(observer, thing.topic)):
            yield observer
        lines = (json.dumps(message.to_json()) + "\n" for message in observer.messages())
        evidence.append("cloud_messages.jsonl", "".join(lines))
    observer.check()


@pytest.fixture
def test_began(meter: Meter) -> float:
    """When the test began, in seconds since 1970: before its kit was started, and never once the budget is spent."""
    meter.check()
    return time.time()


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
    evidence.guard(thing.private_keys)
    crashes = CrashWatch(Path(dut.logfile), firmware.elf)
    kit = RunningKit(dut, bench_kit.control(dut), crashes=crashes)
    thing.has_flashed_kit = True
    with on_kit_run.live.with_kit(KitInTest(kit, firmware, evidence, request.node.name)):
        if not thing.is_provisioned:
            enrol(kit, thing, firmware, expected_serial=bench_kit.secure_element)
        yield kit


@pytest.fixture
def connected_kit(
    running_kit: RunningKit, observer: Observer, thing: KitThing, cloud: Endpoint, test_began: float
) -> Presence:
    """The kit once the cloud says that it is connected."""
    patience_s = CONNECTED_WITHIN_S if thing.came_last_time else SECOND_CHANCE_S
    thing.came_last_time = False
    try:
        presence = observer.wait_for_presence(
            thing.client_id, "connected", timeout_s=patience_s, after=test_began, unless=running_kit.check
        )
    except NothingCameError as error:
        error.message = f"the kit did not connect, its last line was {running_kit.last_line()!r}; {error.message}"
        error.message += _refused_since(cloud, test_began)
        raise
    thing.came_last_time = True
    return presence


def _refused_since(cloud: Endpoint, moment: float) -> str:
    """Return in words what the cloud last refused since a moment, where it tells."""
    refused = refusals(cloud, after=moment)
    return f"; {refused[-1]}" if refused else ""


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
    arrivals = Arrivals(
        observer,
        running_kit,
        topic=thing.topic,
        since=connected_kit.time,
        longest_wait_s=traffic_rules.longest_wait,
        first_within_s=FIRST_WITHIN_S if thing.sent_last_time else SECOND_CHANCE_S,
        explain=lambda: _refused_since(cloud, connected_kit.time).removeprefix("; "),
    )
    yield arrivals
    thing.sent_last_time = bool(arrivals.messages())


@pytest.fixture
def provisioning_kit(running_kit: RunningKit) -> RunningKit:
    """The kit in its provisioning console."""
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
    """What an audit of the kit's whole flash says, after its firmware has run."""
    del connected_kit  # all that a run leaves in flash is there
    running_kit.close()
    dump = running_kit.read_flash(firmware.flash_image(USUAL_FLASH_SIZE))
    return flash_report.judge(dump, thing, firmware)
