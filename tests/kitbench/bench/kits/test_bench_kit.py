"""A kit on a port is opened, described, and replaced by a spare one when it is not fit."""

import socket
from pathlib import Path

import pytest

from kitbench.bench.kits.bench_kit import open_kit
from kitbench.bench.kits.kit_choice import KitChoice
from kitbench.board.board_file import read_board
from kitbench.board.door import Door, announced
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


@pytest.mark.slow
def test_virtual_kit_that_somebody_else_started_is_lent_and_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    lent: list[tuple[str, ...]] = []
    monkeypatch.setattr(Door, "lend", lambda _door, ways, _factor: lent.append(tuple(ways)))
    monkeypatch.setattr(Door, "take_back", lambda _door: lent.append(()))

    with VirtualKit() as kit, announced(kit.url, kit.door):
        choice = KitChoice("virtual", kit.url, mac=kit.mac)
        with open_kit(choice, ["broker:8883=127.0.0.1:9"], tmp_path / "kit.log") as opened:
            assert opened.description == {"kind": "virtual", "port": kit.url, "chip": "ESP32", "mac": kit.mac}
            assert opened.door == kit.door
        with (
            pytest.raises(BenchError, match="board lab has others"),
            open_kit(choice, [], tmp_path / "kit.log", board=read_board("lab")),
        ):
            pass

    assert lent == [("broker:8883=127.0.0.1:9",), ()]
