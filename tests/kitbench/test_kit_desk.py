"""The line between a session and who hands out kits."""

import socket

import pytest

from kitbench.errors import BenchError
from kitbench.kit_desk import VARIABLE, DeskLine, line_from, served


class Seat:
    """Notes what it was asked."""

    kind = "virtual"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def begin_build(self) -> None:
        self.asked.append("build")

    def end_build(self) -> None:
        self.asked.append("built")

    def take_kit(self) -> str:
        self.asked.append("kit")
        if self.asked.count("kit") > 1:
            raise BenchError("no kit is left: red: silent", stage="kit")
        return "red"

    def give_back(self, failure: str) -> None:
        self.asked.append(f"back {failure}")


def test_session_builds_takes_a_kit_and_gives_it_back() -> None:
    seat = Seat()

    with served(seat) as address:
        environment = {VARIABLE: address, "HOME": "/"}
        desk = line_from(environment)
        assert desk is not None
        with desk, desk.building():
            assert desk.kind() == "virtual"
            assert desk.take_kit() == "red"
            desk.give_back("silent")
            with pytest.raises(BenchError, match="no kit is left: red: silent"):
                desk.take_kit()

    assert environment == {"HOME": "/"}, "what the session starts does not have it"
    assert seat.asked == ["build", "kit", "back silent", "kit", "built"]


def test_nobody_without_the_token_is_served() -> None:
    seat = Seat()

    with served(seat) as address:
        place = address.partition("/")[0]
        with DeskLine(f"{place}/guessed") as desk, pytest.raises(BenchError, match="does not answer"):
            desk.take_kit()

    assert seat.asked == []


def test_stranger_who_connects_and_never_speaks_holds_up_nobody() -> None:
    with served(Seat()) as address:
        host, _, port = address.partition("/")[0].rpartition(":")
        stranger = socket.create_connection((host, int(port)))
    stranger.close()


def test_session_that_never_comes_holds_up_nobody() -> None:
    with served(Seat()):
        pass
    assert line_from({}) is None


@pytest.mark.parametrize("address", ["nowhere", "127.0.0.1:1/token", "127.0.0.1:x/token"])
def test_desk_that_is_not_there_is_the_benchs_fault(address: str) -> None:
    with pytest.raises(BenchError, match="does not answer"):
        DeskLine(address)


def test_desk_is_on_loopback() -> None:
    with served(Seat()) as address:
        host, _, port = address.partition("/")[0].rpartition(":")
        assert host == "127.0.0.1"
        socket.create_connection((host, int(port)), timeout=5).close()
