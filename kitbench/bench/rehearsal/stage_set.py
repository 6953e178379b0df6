"""What all kits of a rehearsal share: a cloud, one thing in it, and one build for all kits that are alike."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.bench.bench_cloud import open_cloud
from kitbench.bench.builds.firmware_build import FirmwareSource
from kitbench.bench.builds.variant import Variant
from kitbench.bench.kits.bench_file import BenchFile
from kitbench.bench.kits.bench_kit import builder_for
from kitbench.bench.kits.kit_choice import KitChoice
from kitbench.bench.kits.kit_thing import KitThing, role_of
from kitbench.bench.traffic.wire import LOCAL, open_wire, surroundings
from kitbench.board.board_file import read_board
from kitbench.cloud.billing.meter import DEFAULT_BUDGET, Meter
from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.hostile.hostile_endpoint import HostileEndpoint
from kitbench.cloud.mqtt.observer import Observer
from kitbench.cloud.things.client_identity import Topics
from kitbench.cloud.things.ledger import LEDGERS, open_ledger
from kitbench.cloud.things.recovery import recover
from kitbench.cloud.things.state_folder import state_folder
from kitbench.errors import BenchError
from kitbench.firmware.overlay import Overlay
from kitbench.firmware.own_endpoint import OwnEndpoint
from kitbench.installation import reference_project
from kitbench.kit.serial_port import is_reachable
from kitbench.kit_list import VIRTUAL

#: Whose key is in flash: what any kit can do, whatever secure element it has.
_VARIANT: Final = Variant.EMBEDDED_KEY

#: Kits that one build serves: their kind and their wiring.
Kin = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class BuiltFor:
    """The firmware for kits that are alike.

    Attributes:
        folder: of the build.
        ways: where the access point of virtual kits leads to.
    """

    folder: Path
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StageSet:
    """The surroundings of the rehearsal.

    Attributes:
        observer: sees when the thing connects.
        client_id: of the thing: all kits are it, one after the other.
        builds: by the kin of kits, what they are flashed with.
    """

    observer: Observer
    client_id: str
    builds: Mapping[Kin, BuiltFor]


def kin_of(kit: KitChoice) -> Kin:
    """Return which build serves a kit."""
    return kit.kind, kit.wiring


def require_way(kit: KitChoice, cloud: str, bench: BenchFile) -> None:
    """Make sure that a kit is there, and can reach the cloud.

    Raises:
        BenchError: it is not; or the cloud is a local one on loopback, where no kit on Wi-Fi finds it.
    """
    if not is_reachable(kit.port):
        raise BenchError(
            f"{kit.port} is not there", stage="port", fix="plug it in, and run: kitbench kits scan --write"
        )
    if cloud == LOCAL and bench.relay is None and kit.kind != VIRTUAL:
        fix = 'relay = "ADDRESS" in bench.toml, this machine on the kits\' network; or --cloud aws'
        raise BenchError("attached kits cannot reach a local cloud", stage="cloud", fix=fix)


@contextmanager
def open_stage_set(
    kits: Sequence[KitChoice], cloud: str, bench: BenchFile, folder: Path, tell: Callable[[str], None]
) -> Iterator[StageSet]:
    """Yield the surroundings, the reference firmware built once for each kin.

    Args:
        kits: to be rehearsed.
        cloud: `local` or `aws`.
        bench: says the Wi-Fi and the relay.
        folder: private.
        tell: is told what is done.

    Raises:
        KitbenchError: what cannot be opened or built.
    """
    project = reference_project()
    firsts = {kin_of(kit): kit for kit in reversed(kits)}
    own = {kin: surroundings(kit, cloud, project) for kin, kit in firsts.items()}
    names = [one.host for one in own.values() if one.host] + ([bench.relay.host] if bench.relay else [])
    with ExitStack() as stack:
        endpoint = stack.enter_context(open_cloud(cloud, folder, host_names=names))
        ledgers = (folder if cloud == LOCAL else state_folder()) / LEDGERS
        recover(endpoint, folder=ledgers)
        ledger = stack.enter_context(open_ledger(endpoint.cloud_id, folder=ledgers))
        meter = Meter(bench.budget or DEFAULT_BUDGET)
        client_id = next((one.client_id for one in own.values() if one.client_id), "")
        client_id = client_id or ledger.run.client_id(role_of(_VARIANT))
        topics = Topics.both(ledger.run.topic())
        thing = KitThing(endpoint, ledger, _VARIANT, topics, stack=stack, client_id=client_id, meter=meter)
        thing.provision_embedded()
        watched = thing.topics.for_observer([client_id])
        builds = {
            kin: _built(kit, endpoint, own[kin], thing, bench, folder / f"build-{number}", stack, tell)
            for number, (kin, kit) in enumerate(firsts.items())
        }
        observer = Observer(
            endpoint, topics=watched, client_id=ledger.run.name("observer"), watched=[thing.watched], meter=meter
        )
        yield StageSet(stack.enter_context(observer), client_id, builds)


def _built(  # noqa: PLR0913, PLR0917 - what a build is made of
    kit: KitChoice,
    cloud: Endpoint,
    own: OwnEndpoint,
    thing: KitThing,
    bench: BenchFile,
    folder: Path,
    stack: ExitStack,
    tell: Callable[[str], None],
) -> BuiltFor:
    names = (cloud.mqtt_host, *([own.host] if own.host else []))
    hostile = stack.enter_context(HostileEndpoint(host_names=names, kit_host=own.host or cloud.mqtt_host))
    wire = stack.enter_context(open_wire(kit, cloud, own, hostile, bench.relay))
    lab = Overlay(kconfig={"EXAMPLE_TOPIC": thing.topic, **bench.wifi})
    tell("building the reference firmware")
    build = builder_for(kit, read_board(None))
    overlay = thing.overlay().merged_with(wire.overlay()).merged_with(lab)
    made = build(FirmwareSource(reference_project()), folder, _VARIANT, overlay)
    return BuiltFor(made.folder, tuple(wire.access_points))
