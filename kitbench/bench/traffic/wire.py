"""The wire from a kit to its cloud: which endpoint the firmware is built for, and whether the bench can lead it astray.

A firmware behaves as its student meant it where it finds what it finds at home: so on a virtual kit with a local cloud
it keeps the endpoint, port and client id that its project is configured for, and only the certificates are the run's.
"""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from kitbench.bench.kits.kit_choice import KitChoice
from kitbench.bench.lab_address import LabAddress
from kitbench.bench.traffic.relay import LOOPBACK, Relay
from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.hostile.hostile_endpoint import HostileEndpoint
from kitbench.errors import NO_RELAY, BenchError, NoRelayError
from kitbench.firmware.overlay import ROOT_CA_FILE, Overlay
from kitbench.firmware.own_endpoint import OwnEndpoint, own_endpoint
from kitbench.firmware.reader import reader_of
from kitbench.firmware.setting_names import endpoint_settings
from kitbench.kit_list import QEMU, VIRTUAL

LOCAL = "local"
_MEND = "let kits come by this machine (--relay ADDRESS, docs/bench-setup.md), or add another kit: --kit …,virtual"


@dataclass(frozen=True, slots=True)
class Wire:
    """What a firmware is built for, and how the bench leads it.

    Attributes:
        host: the endpoint's name in the firmware.
        port: its port there.
        root_ca_pem: what the firmware trusts: the cloud's root, and with a relay the hostile endpoint's beside it.
        access_points: where a virtual kit's Wi-Fi leads to, as `kitbench virtual-kit` takes it.
        relay: leads the firmware to the cloud, or elsewhere; None for a kit that goes its own way.
        has_own_tls: the kit's TLS is its own, and not this machine's.
    """

    host: str
    port: int
    root_ca_pem: bytes
    access_points: tuple[str, ...] = ()
    relay: Relay | None = None
    has_own_tls: bool = True

    def overlay(self) -> Overlay:
        """Return what builds a project for this endpoint."""
        return Overlay({ROOT_CA_FILE: self.root_ca_pem}, endpoint_settings(self.host, self.port))

    def require_relay(self) -> Relay:
        """Return the relay.

        Raises:
            NoRelayError: there is none, so that the firmware cannot be led astray.
        """
        if self.relay is None:
            raise no_relay("the kit goes its own way")
        return self.relay

    def require_passage(self, *, after: float) -> None:
        """Make sure that a kit that connected after a moment (seconds since 1970) came by the relay.

        Raises:
            NoRelayError: it did not: its lookups of the endpoint lead elsewhere.
        """
        if not self.require_relay().attempts(after=after):
            raise no_relay(f"the kit's lookups of {self.host} pass the relay by")


def no_relay(why: str) -> NoRelayError:
    """Return that this bench cannot lead its kit, and what would."""
    return NoRelayError(NO_RELAY, where=why, owner="this bench", stage="connect", fix=_MEND)


def surroundings(kit: KitChoice, cloud: str, project: Path) -> OwnEndpoint:
    """Return what a project keeps on this kit with this cloud; nothing where cloud or kit need names of their own."""
    if kit.kind != VIRTUAL or cloud != LOCAL:
        return OwnEndpoint()
    own = reader_of(project)(own_endpoint, project.resolve())
    made_up = f"a{secrets.token_hex(7)}-ats.iot.us-east-1.amazonaws.com"
    return replace(own, host=own.host or made_up)


@contextmanager
def open_wire(
    kit: KitChoice, cloud: Endpoint, own: OwnEndpoint, hostile: HostileEndpoint, lab: LabAddress | None = None
) -> Iterator[Wire]:
    """Yield the wire from a kit to its cloud; `lab` is where attached kits come in.

    Raises:
        BenchError: the bench cannot listen there, or its own way to the cloud leads back to it.
    """
    roots = cloud.ca_file.read_bytes()
    is_attached = kit.kind not in {VIRTUAL, QEMU}
    if (is_attached and lab is None) or (kit.kind == QEMU and cloud.kind != LOCAL):
        yield Wire(cloud.mqtt_host, cloud.mqtt_port, roots)
        return
    # A bundle of roots is no fault of a firmware's, and spares a build for the hostile endpoint.
    roots = roots.rstrip() + b"\n" + hostile.ca_pem
    if is_attached and lab is not None:
        with _lab_wire(cloud, lab, roots) as wire:
            yield wire
        return
    with Relay(cloud.mqtt_host, cloud.mqtt_port) as relay:
        if kit.kind == QEMU:
            yield Wire(cloud.mqtt_host, relay.port, roots, relay=relay)
            return
        host, port = own.host or cloud.mqtt_host, own.port if own.host else cloud.mqtt_port
        ways = (f"{host}:{port}={LOOPBACK}:{relay.port}",)
        yield Wire(host, port, roots, ways, relay, has_own_tls=False)


@contextmanager
def _lab_wire(cloud: Endpoint, lab: LabAddress, roots: bytes) -> Iterator[Wire]:
    """Yield the wire of attached kits: to a local cloud by this machine's address, to AWS by AWS's own name.

    AWS's name in a kit's lookups has to lead to this machine, which is the lab's access point's affair: its certificate
    is for that name, and a firmware that checks it takes no other.
    """
    if cloud.kind == LOCAL:
        with Relay(cloud.mqtt_host, cloud.mqtt_port, at=(lab.host, lab.port)) as relay:
            yield Wire(lab.host, relay.port, roots, relay=relay)
        return
    _require_way_out(cloud.mqtt_host, lab)
    with Relay(cloud.mqtt_host, cloud.mqtt_port, at=(lab.host, lab.port or cloud.mqtt_port)) as relay:
        yield Wire(cloud.mqtt_host, relay.port, roots, relay=relay)


def _require_way_out(host: str, lab: LabAddress) -> None:
    try:
        found = {address[4][0] for address in socket.getaddrinfo(host, None, socket.AF_INET)}
    except OSError as error:
        raise BenchError(f"{host} is not found: {error}", stage="relay") from error
    if lab.host in found:
        raise BenchError(
            f"this machine's own lookups of {host} lead to its relay at {lab.host}",
            stage="relay",
            fix="let only the kits' access point answer so",
        )
