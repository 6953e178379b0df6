"""Which names a firmware keeps, and where it can be led; that a kit gets there is shown by `tests/kit`."""

import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kitbench.bench.kits.kit_choice import KitChoice
from kitbench.bench.lab_address import LabAddress
from kitbench.bench.traffic.wire import open_wire, surroundings
from kitbench.cloud.hostile.hostile_endpoint import HostileEndpoint
from kitbench.errors import BenchError, GapError
from kitbench.firmware.own_endpoint import OwnEndpoint
from kitbench.firmware.setting_names import endpoint_settings

OWN = OwnEndpoint("a1b2-ats.iot.eu-west-1.amazonaws.com", 443, "my-esp")
VIRTUAL, QEMU, ATTACHED = (KitChoice(kind) for kind in ("virtual", "qemu", "attached"))


@pytest.fixture(name="hostile")
def _hostile() -> Iterator[HostileEndpoint]:
    with HostileEndpoint() as endpoint:
        yield endpoint


@pytest.fixture(name="cloud")
def _cloud(tmp_path: Path) -> Any:
    (tmp_path / "ca.pem").write_bytes(b"root\n")
    return SimpleNamespace(kind="local", mqtt_host="localhost", mqtt_port=4321, ca_file=tmp_path / "ca.pem")


def project(folder: Path, host: str) -> Path:
    (folder / "sdkconfig").write_text(f'CONFIG_AWS_IOT_MQTT_HOST="{host}"\n', encoding="utf-8")
    return folder


def test_virtual_kit_with_a_local_cloud_keeps_its_names(tmp_path: Path) -> None:
    assert surroundings(VIRTUAL, "local", project(tmp_path, OWN.host)).host == OWN.host


def test_endpoint_that_was_never_set_looks_like_one_of_aws(tmp_path: Path) -> None:
    assert surroundings(VIRTUAL, "local", project(tmp_path, "")).host.endswith("-ats.iot.us-east-1.amazonaws.com")


@pytest.mark.parametrize(("kit", "cloud"), [(VIRTUAL, "aws"), (QEMU, "local"), (ATTACHED, "aws")])
def test_elsewhere_names_are_the_runs(tmp_path: Path, kit: KitChoice, cloud: str) -> None:
    assert surroundings(kit, cloud, project(tmp_path, OWN.host)) == OwnEndpoint()


def test_virtual_kit_is_led_by_its_own_names(cloud: Any, hostile: HostileEndpoint) -> None:
    with open_wire(VIRTUAL, cloud, OWN, hostile) as wire:
        assert wire.overlay().settings == endpoint_settings(OWN.host, 443)
        assert wire.access_points == (f"{OWN.host}:443=127.0.0.1:{wire.require_relay().port}",)
        assert wire.root_ca_pem == b"root\n" + hostile.ca_pem
        assert not wire.has_own_tls


def test_emulator_comes_by_the_relays_port(cloud: Any, hostile: HostileEndpoint) -> None:
    with open_wire(QEMU, cloud, OwnEndpoint(), hostile) as wire:
        assert (wire.host, wire.port) == ("localhost", wire.require_relay().port)
        assert wire.has_own_tls


def test_attached_kit_cannot_be_led(cloud: Any, hostile: HostileEndpoint) -> None:
    cloud.kind = "aws"
    with open_wire(ATTACHED, cloud, OwnEndpoint(), hostile) as wire:
        assert (wire.host, wire.port, wire.root_ca_pem) == ("localhost", 4321, b"root\n")
        with pytest.raises(GapError, match="this bench lacks a way that leads the kit to a hostile endpoint"):
            wire.require_relay()


LAB = LabAddress("127.0.0.2")


def test_attached_kit_comes_to_a_local_cloud_by_the_labs_address(cloud: Any, hostile: HostileEndpoint) -> None:
    with socket.create_server(("127.0.0.1", 0)) as home:
        cloud.mqtt_port = home.getsockname()[1]
        with open_wire(ATTACHED, cloud, OwnEndpoint(), hostile, LAB) as wire:
            with pytest.raises(GapError, match=r"lookups of 127\.0\.0\.2 pass the relay by"):
                wire.require_passage(after=0.0)

            with socket.create_connection((wire.host, wire.port), 5):
                home.accept()[0].close()

            wire.require_passage(after=0.0)
            assert wire.host == LAB.host
            assert wire.root_ca_pem == b"root\n" + hostile.ca_pem
            assert wire.has_own_tls


def test_attached_kit_comes_to_aws_by_its_own_name(
    cloud: Any, hostile: HostileEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.kind, cloud.mqtt_host = "aws", "a1-ats.iot.eu-west-1.amazonaws.com"
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [(0, 0, 0, "", ("192.0.2.7", 0))])

    with open_wire(ATTACHED, cloud, OwnEndpoint(), hostile, LAB) as wire:
        assert wire.host == cloud.mqtt_host

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [(0, 0, 0, "", (LAB.host, 0))])
    with (
        pytest.raises(BenchError, match=r"own lookups of a1-ats.* lead to its relay"),
        open_wire(ATTACHED, cloud, OwnEndpoint(), hostile, LAB),
    ):
        pass


def test_address_that_is_not_this_machines_is_said(cloud: Any, hostile: HostileEndpoint) -> None:
    with (
        pytest.raises(BenchError, match=r"cannot listen at 192\.0\.2\.1:0"),
        open_wire(ATTACHED, cloud, OwnEndpoint(), hostile, LabAddress("192.0.2.1")),
    ):
        pass
