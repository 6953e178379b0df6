"""A kit on a port is opened, described, and replaced by a spare one when it is not fit."""

import socket
from pathlib import Path

import pytest

from kitbench.bench.kits.bench_kit import open_kit
from kitbench.bench.kits.kit_choice import KitChoice
from kitbench.errors import BenchError
from kitbench.virtual_kit.kit import VirtualKit


def nobody() -> KitChoice:
    """Return a port that nobody answers on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return KitChoice("attached", f"rfc2217://127.0.0.1:{listener.getsockname()[1]}")


@pytest.mark.slow
def test_attached_kit_is_described_by_chip_and_mac(tmp_path: Path) -> None:
    with VirtualKit() as kit:
        choice = KitChoice("attached", kit.url, mac=kit.mac, secure_element="0123456789abcdef01")
        with open_kit(choice, [], tmp_path / "kit.log") as opened:
            assert opened.description == {"kind": "attached", "port": kit.url, "chip": "ESP32", "mac": kit.mac}
            assert opened.secure_element == choice.secure_element


@pytest.mark.slow
def test_dead_kit_is_put_aside_for_a_spare_one(tmp_path: Path) -> None:
    dead = nobody()

    with (
        VirtualKit() as kit,
        open_kit(dead, [], tmp_path / "kit.log", spares=(KitChoice("attached", kit.url),)) as opened,
    ):
        assert opened.port == kit.url
        assert "no kit answers" in opened.description["put_aside"][dead.port]


@pytest.mark.slow
def test_kit_with_another_mac_is_not_used(tmp_path: Path) -> None:
    with VirtualKit() as kit:
        choice = KitChoice("attached", kit.url, mac="24:0a:c4:ff:ff:ff")
        with pytest.raises(BenchError, match=f"has the MAC {kit.mac}"), open_kit(choice, [], tmp_path / "kit.log"):
            pass
