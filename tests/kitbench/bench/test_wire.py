"""Which names a firmware keeps, and where it can be led; that a kit gets there is shown by `tests/kit`."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kitbench.bench.kit_choice import KitChoice
from kitbench.bench.wire import open_wire, surroundings
from kitbench.cloud.hostile_endpoint import HostileEndpoint
from kitbench.errors import BenchError
from kitbench.firmware.own_endpoint import OwnEndpoint

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
        assert wire.overlay().settings == {"AWS_IOT_MQTT_HOST": OWN.host, "AWS_IOT_MQTT_PORT": "443"}
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
        with pytest.raises(BenchError, match="cannot be led to a hostile endpoint"):
            wire.require_relay()
