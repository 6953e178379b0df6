"""What the fixtures of on-kit tests do; `fixtures` has their names and loads this module when the first one runs."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from kitbench.bench.bench_board import BenchBoard
from kitbench.bench.bench_cloud import open_cloud
from kitbench.bench.builds.builders import Builder
from kitbench.bench.builds.finished_build import (
    finished_build,
    flashed_app_sha256,
    own_names_of,
    require_fit,
    with_nvs,
    with_secure_cert,
)
from kitbench.bench.builds.firmware_build import USUAL_FLASH_SIZE, FirmwareBuild, FirmwareSource, build_in
from kitbench.bench.builds.identity_place import IdentityPlace
from kitbench.bench.builds.variant import Variant
from kitbench.bench.flash_verdict import FlashReport
from kitbench.bench.kits.bench_kit import BenchKit, builder_for, open_kit
from kitbench.bench.kits.crash_watch import CrashWatch
from kitbench.bench.kits.enrolment import enrol
from kitbench.bench.kits.kit_choice import KitChoice, at_hand, kits_meant
from kitbench.bench.kits.kit_in_test import KitInTest
from kitbench.bench.kits.kit_thing import KitThing, role_of
from kitbench.bench.kits.run_options import RunOptions
from kitbench.bench.kits.running_kit import RunningKit
from kitbench.bench.records.evidence import Evidence
from kitbench.bench.records.stale_folder import remove_stale_folders
from kitbench.bench.sensor_to_table.rule_in_test import RuleInTest
from kitbench.bench.traffic.arrivals import FIRST_WITHIN_S, Arrivals
from kitbench.bench.traffic.loopback import hears_itself
from kitbench.bench.traffic.wire import LOCAL, Wire, open_wire, surroundings
from kitbench.cloud.billing.meter import Meter
from kitbench.cloud.billing.monthly_usage import USAGE, add_usage
from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.hostile.hostile_endpoint import HostileEndpoint
from kitbench.cloud.mqtt.message import Presence
from kitbench.cloud.mqtt.observer import NothingCameError, Observer
from kitbench.cloud.refusal import refusals
from kitbench.cloud.rule_to_table.making import make_rule
from kitbench.cloud.rule_to_table.names import error_topic
from kitbench.cloud.things.client_identity import Topics
from kitbench.cloud.things.ledger import LEDGERS, Ledger, open_ledger
from kitbench.cloud.things.provisioning import certificate_id_of
from kitbench.cloud.things.recovery import recover
from kitbench.cloud.things.state_folder import state_folder
from kitbench.cloud.things.topic_lease import lease
from kitbench.errors import BenchError, KitbenchError, KitError, UsageError
from kitbench.firmware.flash_size import flash_size_name, kit_flash_size
from kitbench.firmware.log_level import informative
from kitbench.firmware.overlay import Overlay
from kitbench.firmware.own_endpoint import OwnEndpoint
from kitbench.firmware.reader import reader_of
from kitbench.firmware.topic_menu import is_topic_fixed
from kitbench.forensics.proof.verdict import Verdict
from kitbench.kit.port_lock import owned
from kitbench.kit_desk import DeskLine
from kitbench.kit_list import VIRTUAL
from kitbench.pytest_plugin.on_kit_run import RUN_KEY, OnKitRun
from kitbench.pytest_plugin.options import search_project
from kitbench.pytest_plugin.run_start import tell
from kitbench.pytest_plugin.variants import usual_variant
from kitbench.rule_and_table import RULE_FILE, TABLE_FILE, parse_rule, parse_table, stand_in_for
from kitbench.traffic_rules import TrafficRules

#: The topic in the source of the course's sample, where Kconfig cannot set another.
COURSE_TOPIC: Final = "test_topic/esp32"
#: What tells that source, however it puts the topic together.
COURSE_MARK: Final = b"test_topic"
#: Longer than any run: after this time another bench may take the course's topic, in seconds.
LEASE_S: Final = 3600.0
CONNECTED_WITHIN_S: Final = 30.0
#: The same for a kit that did not connect in the test before: it has cost half a minute already.
SECOND_CHANCE_S: Final = 8.0

__all__ = ["FlashReport", "HostileEndpoint", "Overlay", "Topics", "open_wire", "state_folder"]


def run_of(config: pytest.Config) -> OnKitRun:
    """Return the run of this session.

    Raises:
        UsageError: there is none, as pytest did not know of an on-kit test when it collected.
    """
    run = config.stash.get(RUN_KEY, None)
    if run is None:
        raise UsageError("an on-kit fixture is used outside an on-kit test", fix="name it in the test's arguments")
    return run


@contextmanager
def private_folder() -> Iterator[Path]:
    """Yield a folder that is gone at the end; folders of runs that were killed go first."""
    remove_stale_folders(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix="kitbench-run-") as folder:
        yield Path(folder)


def evidence(run: OnKitRun, run_folder: Path) -> Evidence:
    """Return the folder of evidence, by whose knowledge of keys the run's reasons are cleaned, too."""
    evidence = Evidence((run.options.evidence or run_folder / "evidence") / run.worker.name)
    run.without_keys = evidence.without_keys
    return evidence


def own_names(run: OnKitRun) -> OwnEndpoint:
    """Return what the project keeps of its own."""
    if run.options.build is not None:
        return own_names_of(run.options.build)
    return surroundings(run.kits[0], run.cloud, run.options.source.project)


def host_names(run: OnKitRun, own: OwnEndpoint) -> tuple[str, ...]:
    """Return by which names the kit's firmware knows this machine."""
    lab = (run.options.relay.host,) if run.options.relay is not None else ()
    return (*run.kits[0].host_names, *lab, *([own.host] if own.host else []))


def kit_host(run: OnKitRun, own: OwnEndpoint, cloud: Endpoint) -> str:
    """Return the name of its endpoint that the kit's firmware has."""
    if cloud.kind != LOCAL or run.kits[0].kind == VIRTUAL:
        return own.host or cloud.mqtt_host
    lab = (run.options.relay.host,) if run.options.relay is not None else ()
    return next(iter((*run.kits[0].host_names, *lab)), cloud.mqtt_host)


def cloud(run: OnKitRun, run_folder: Path, host_names: tuple[str, ...]) -> Iterator[Endpoint]:
    """Yield the cloud, described in the report."""
    folder = run_folder / "cloud"
    folder.mkdir()
    with open_cloud(run.cloud, folder, host_names=host_names) as endpoint:
        run.report.cloud = {
            "kind": endpoint.kind,
            "region": endpoint.region,
            "endpoint": f"{endpoint.mqtt_host}:{endpoint.mqtt_port}",
        }
        yield endpoint


def bench_kit(run: OnKitRun, wire: Wire, evidence: Evidence, run_folder: Path) -> Iterator[BenchKit]:
    """Yield the kit, described in the report."""
    choice, *spares = run.kits
    log = evidence.folder / "kit.log"
    alike = tuple(spare for spare in spares if spare.kind == choice.kind)
    with ExitStack() as stack:

        def opened(choice: KitChoice, spares: tuple[KitChoice, ...]) -> BenchKit:
            kit = open_kit(
                choice,
                wire.access_points,
                log,
                folder=run_folder,
                clock_factor=run.options.clock_factor,
                spares=spares,
                board=run.options.board,
                flash_size=_flash_size(run),
            )
            return stack.enter_context(kit)

        kit = opened(choice, alike) if run.desk is None else _handed_kit(run, run.desk, opened)
        run.in_use = next((one for one in run.kits if one.port == kit.port), choice)
        run.report.kit = kit.description
        yield kit
    evidence.clean(log.name)  # a virtual kit writes it itself, with words of the firmware's in it


def _handed_kit(
    run: OnKitRun, desk: DeskLine, opened: Callable[[KitChoice, tuple[KitChoice, ...]], BenchKit]
) -> BenchKit:
    """Return the first kit of those that the desk hands out which is fit; the others go back with the reason.

    Raises:
        BenchError: no kit is left.
    """
    while True:
        named = desk.take_kit()
        (choice,) = kits_meant(named, run.options.bench.kits, with_lab=True)
        try:
            with ExitStack() as held:
                choice = replace(held.enter_context(at_hand(choice, tell)), kind=run.kits[0].kind)
                held.enter_context(owned(choice.port))
                kit = opened(choice, ())
                run.held.enter_context(held.pop_all())
                return kit
        except BenchError as error:
            desk.give_back(error.message)


def _flash_size(run: OnKitRun) -> str:
    build = run.options.build
    return kit_flash_size(run.options.source.project) if build is None else flash_size_name(build_in(build).flash_size)


def board(run: OnKitRun, bench_kit: BenchKit) -> Iterator[BenchBoard]:
    """Yield the kit's board; what its parts measure is as before afterwards."""
    board = BenchBoard(run.options.board, bench_kit.door)
    with board.values_kept():
        yield board


def variant(request: pytest.FixtureRequest) -> Variant:
    """Return the variant that the test is run for."""
    chosen: Variant | None = getattr(request, "param", None)
    return usual_variant(request.config) if chosen is None else chosen


def meter(run: OnKitRun, cloud: Endpoint, bench_state: Path) -> Iterator[Meter]:
    """Yield the meter; at the end its reading is in the report and in the month's sum."""
    meter = Meter(run.budget, on_stop=run.live.hold_kit)
    yield meter
    reading = meter.reading()
    run.report.meter = {
        "units": reading.total,
        "registry_operations": reading.registry_operations,
        "budget": reading.budget,
        # A kit with a hurried clock publishes as much faster; the month is one of a kit with a real one.
        "projection_month": round(reading.projection_month / run.options.clock_factor),
    }
    add_usage(bench_state / USAGE, cloud.cloud_id, reading.total)


def ledger(run: OnKitRun, cloud: Endpoint, bench_state: Path) -> Iterator[Ledger]:
    """Yield the run's ledger, after the ledgers of runs that died are settled."""
    folder = bench_state / LEDGERS
    recover(cloud, folder=folder)
    with open_ledger(cloud.cloud_id, folder=folder, run=run.names) as ledger:
        yield ledger


def client_id(ledger: Ledger, variant: Variant, own: OwnEndpoint) -> str:
    """Return the client id that the project keeps, or the run's own for the variant."""
    return own.client_id or ledger.run.client_id(role_of(variant))


def topic(run: OnKitRun, cloud: Endpoint, own: OwnEndpoint) -> Iterator[str]:
    """Yield the kit's topic; one that is fixed in the source, or that the project keeps, is held alone."""
    project, fixed = run.options.source.project, run.options.traffic.topic
    is_course = bool(run.options.variants)
    if not fixed and reader_of(project)(is_topic_fixed, project.resolve(), COURSE_MARK, is_course=is_course):
        fixed = COURSE_TOPIC
    if not (held := fixed or own.topic):
        yield run.names.topic()
        return
    with lease(cloud, run.names, held, hold_s=LEASE_S):
        yield held


def thing(
    run: OnKitRun, cloud: Endpoint, ledger: Ledger, variant: Variant, topics: Topics, client_id: str, meter: Meter
) -> Iterator[KitThing]:
    """Yield the thing; one whose key is in a secure element is provisioned later, when the kit asks for it."""
    with ExitStack() as stack:
        thing = KitThing(cloud, ledger, variant, topics, stack=stack, client_id=client_id, meter=meter)
        identify(thing, run.options)
        yield thing


def identify(thing: KitThing, options: RunOptions) -> None:
    """Have the cloud know the thing, where that is the bench's affair and the kit has not to ask for it.

    Raises:
        UsageError: the device's certificate cannot be read.
    """
    if options.device_certificate is not None:
        thing.known_pem = _read_certificate(options.device_certificate)
    if options.identity is IdentityPlace.REGISTERED:
        thing.register(thing.known_pem)
    elif options.identity is not IdentityPlace.KEEP and not thing.needs_enrolment:
        thing.provision_embedded()


def _read_certificate(path: Path) -> bytes:
    try:
        pem = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", stage="options") from error
    certificate_id_of(pem)  # raises where it is none
    return pem


def nvs_strings(run: OnKitRun, thing: KitThing, wire: Wire) -> dict[str, dict[str, str]]:
    """Return what an NVS image holds, nothing where none is made."""
    if run.options.identity is not IdentityPlace.NVS:
        return {}
    return thing.nvs_strings(wire.host, wire.port, wire.root_ca_pem)


def firmware_source(run: OnKitRun, config: pytest.Config) -> FirmwareSource:
    """Return what to build.

    Raises:
        UsageError: nobody named a project, and the user's folder holds none, or several.
    """
    if config.getoption("--project") is None and run.options.build is None:
        search_project(config)
    return run.options.source


def overlay(run: OnKitRun, firmware_source: FirmwareSource, thing: KitThing, wire: Wire, topic: str) -> Overlay:
    """Return the overlay; where the serial line is looked at, the firmware is built to say what it does."""
    rules = run.options.traffic
    project = firmware_source.project
    log = reader_of(project)(informative, project.resolve()) if rules.serial or rules.nonce else Overlay()
    lab = Overlay(kconfig={"EXAMPLE_TOPIC": topic, **run.options.bench.wifi})
    return thing.overlay().merged_with(wire.overlay()).merged_with(log).merged_with(lab)


def builder(run: OnKitRun, opened: Callable[[], BenchKit]) -> Builder:
    """Return what builds for the run's kit: without one in hand where a desk hands it out only once all is built."""
    if run.desk is None:
        return opened().build
    build, desk = builder_for(run.kits[0], run.options.board), run.desk

    def in_turn(source: FirmwareSource, folder: Path, variant: Variant, overlay: Overlay) -> FirmwareBuild:
        with desk.building():
            return build(source, folder, variant, overlay)

    return in_turn


def firmware(
    run: OnKitRun,
    build: Builder,
    firmware_source: FirmwareSource,
    variant: Variant,
    overlay: Overlay,
    run_folder: Path,
) -> FirmwareBuild:
    """Return the build, its hashes being in the report."""
    made = build(firmware_source, run_folder / (variant or "project") / "build", variant, overlay)
    run.report.builds.append({"variant": variant.value, "app_sha256": made.app_sha256, "elf_sha256": made.elf_sha256})
    return made


def finished_firmware(
    run: OnKitRun,
    bench_kit: BenchKit,
    thing: KitThing,
    wire: Wire,
    nvs_strings: dict[str, dict[str, str]],
    run_folder: Path,
) -> FirmwareBuild:
    """Return the build that was handed over; where the run makes its identity, beside its app in a private copy."""
    assert run.options.build is not None
    build = finished_build(run.options.build)
    kind, chip = run.kits[0].kind, str(bench_kit.description.get("chip", ""))
    require_fit(build, kind, chip)
    hashes = {"variant": "", "app_sha256": build.app_sha256, "elf_sha256": build.elf_sha256}
    run.report.builds.append(hashes | {"artefact": str(build.app), "flashed_app_sha256": ""})
    copy = run_folder / "artefact" / "build"
    match run.options.identity:
        case IdentityPlace.NVS:
            return with_nvs(build, copy, nvs_strings)
        case IdentityPlace.SECURE_CERT:
            return with_secure_cert(build, copy, (wire.root_ca_pem, *thing.pair_pem))
        case _:
            return build


def prove_flashed(run: OnKitRun, kit: RunningKit, firmware: FirmwareBuild) -> None:
    """Read the app back from flash, once in a run of a finished build, and note its hash in the report.

    Raises:
        BenchError: it is not the one that was handed over.
    """
    entry = run.report.builds[-1] if run.report.builds else {}
    if "flashed_app_sha256" not in entry:  # built by the bench
        return
    if not entry["flashed_app_sha256"]:
        kit.close()
        read = kit.read_flash(firmware.flash_image(firmware.flash_size))
        entry["flashed_app_sha256"] = flashed_app_sha256(firmware, read)
    flashed = entry["flashed_app_sha256"]
    # In each test anew: what was judged in none of them is the app that was handed over.
    if flashed != firmware.app_sha256:
        raise BenchError(f"the app in flash is not {entry['artefact']}: SHA-256 {flashed[:16]}…", stage="flash")


def observer(
    run: OnKitRun, cloud: Endpoint, ledger: Ledger, thing: KitThing, meter: Meter, evidence: Evidence
) -> Iterator[Observer]:
    """Yield the observer; what it saw is kept as evidence."""
    probe = probe_topic(thing.topics, run.names.topic("probe"))
    watched = (probe, error_topic(ledger.run)) if _is_given(run.options.rule) else (probe,)
    topics = thing.topics.for_observer([thing.client_id]).joined_with(Topics(watched, watched))
    client_id = ledger.run.name("observer")
    with Observer(cloud, topics=topics, client_id=client_id, watched=[thing.watched], meter=meter) as observer:
        with run.live.with_cloud(lambda: hears_itself(observer, probe)):
            yield observer
        lines = (json.dumps(message.to_json()) + "\n" for message in observer.messages())
        evidence.append("cloud_messages.jsonl", "".join(lines))
    observer.check()


def rule_in_test(
    run: OnKitRun, cloud: Endpoint, ledger: Ledger, observer: Observer, meter: Meter
) -> Iterator[RuleInTest]:
    """Yield the rule that was handed in, made under the run's names with its table, or with one that stands in for it.

    An empty file says that there is none that can be read.

    Raises:
        KitError: what was handed in is no rule, or it does not belong to the table.
    """
    rule, table = run.options.rule, run.options.table
    if rule is None or table is None:
        pytest.skip("no --rule and --table were given")
    read = parse_rule(_handed_in(rule, RULE_FILE))
    no_table: KitError | None = None
    try:
        into = parse_table(_handed_in(table, TABLE_FILE))
    except KitError as error:  # what rests on the rule alone is judged all the same
        no_table, into = error, stand_in_for(read)
    with make_rule(cloud, ledger, read, into, meter=meter) as made:
        yield RuleInTest(made, observer, no_table)


def _is_given(path: Path | None) -> bool:
    return path is not None and path.is_file() and path.stat().st_size > 0


def _handed_in(path: Path, name: str) -> str:
    if text := _read_text(path):
        return text
    raise KitError(f"{name} is missing, or cannot be read: no row can be shown", stage="missing")


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", stage="options") from error


def probe_topic(topics: Topics, own: str) -> str:
    """Return where the bench listens for itself: a topic that goes both ways, or one that no kit listens to."""
    return next((topic for topic in topics.publish if topic in topics.subscribe), own)


def test_began(meter: Meter) -> float:
    """Return the time, if the budget allows for a test."""
    meter.check()
    return time.time()


def running_kit(
    dut: Any,
    bench_kit: BenchKit,
    run: OnKitRun,
    thing: KitThing,
    firmware: FirmwareBuild,
    evidence: Evidence,
    test: str,
) -> Iterator[RunningKit]:
    """Yield the kit, enrolled where its key is in a secure element; put away at the end."""
    evidence.guard(thing.private_keys)
    crashes = CrashWatch(Path(dut.logfile), firmware.elf)
    kit = RunningKit(dut, bench_kit.control(dut), crashes=crashes)
    thing.has_flashed_kit = True
    with run.live.with_kit(KitInTest(kit, firmware, evidence, test)):
        if thing.needs_enrolment:
            _enrol(kit, thing, firmware, bench_kit.secure_element)
        yield kit
    prove_flashed(run, kit, firmware)


def _enrol(kit: RunningKit, thing: KitThing, firmware: FirmwareBuild, expected_serial: str) -> None:
    """Give the kit its certificate; whatever prevents it is the reason of all tests that need one."""
    try:
        enrol(kit, thing, firmware, expected_serial=expected_serial)
    except KitbenchError as error:
        thing.hindrance = error
        raise


def connected_kit(
    running_kit: RunningKit, observer: Observer, thing: KitThing, cloud: Endpoint, test_began: float
) -> Presence:
    """Return the presence of the kit; one that did not come the last time is waited for shortly."""
    patience_s = CONNECTED_WITHIN_S if thing.connected_last_time else SECOND_CHANCE_S
    thing.connected_last_time = False
    try:
        presence = observer.wait_for_presence(
            thing.client_id, "connected", timeout_s=patience_s, after=test_began, unless=running_kit.check
        )
    except NothingCameError as error:
        # The cloud's own reason comes first: where it gives one, nothing else matters, and reasons are cut to a line.
        why = refused_since(cloud, test_began)
        lead = f"the kit did not connect: {why}; its" if why else "the kit did not connect, its"
        error.message = f"{lead} last line was {running_kit.last_line()!r}; {error.message}"
        raise
    thing.connected_last_time = True
    return presence


def refused_since(cloud: Endpoint, moment: float) -> str:
    """Return in words what the cloud last refused since a moment, "" for nothing or where it does not tell."""
    refused = refusals(cloud, after=moment)
    return str(refused[-1]) if refused else ""


def arrivals(
    running_kit: RunningKit,
    connected_kit: Presence,
    observer: Observer,
    thing: KitThing,
    cloud: Endpoint,
    traffic_rules: TrafficRules,
) -> Iterator[Arrivals]:
    """Yield the kit's messages; those of a kit that sent none the last time are waited for shortly."""
    arrivals = Arrivals(
        observer,
        running_kit,
        topic=thing.topic,
        since=connected_kit.time,
        longest_wait_s=traffic_rules.longest_wait,
        first_within_s=FIRST_WITHIN_S if thing.sent_last_time else SECOND_CHANCE_S,
        explain=lambda: refused_since(cloud, connected_kit.time),
    )
    yield arrivals
    thing.sent_last_time = bool(arrivals.messages())


def verdict(running_kit: RunningKit, thing: KitThing, firmware: FirmwareBuild, flash_report: FlashReport) -> Verdict:
    """Return what the audit says; the kit is closed for it."""
    running_kit.close()
    dump = running_kit.read_flash(firmware.flash_image(USUAL_FLASH_SIZE))
    return flash_report.judge(dump, thing, firmware)
