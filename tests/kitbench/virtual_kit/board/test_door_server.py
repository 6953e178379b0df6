"""The door to a running kit's table, from outside."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kitbench.bench.gap_file import GapsBehindDoor
from kitbench.board.board_file import read_board
from kitbench.board.door import Door
from kitbench.errors import BenchError, UsageError
from kitbench.virtual_kit.board.door_server import DoorServer
from kitbench.virtual_kit.board.table import Table
from kitbench.virtual_kit.chip import Chip
from kitbench.virtual_kit.hardware.cpu_interface import Way
from kitbench.virtual_kit.hardware.lent import LentKit
from kitbench.virtual_kit.kit import KitOptions, VirtualKit


@pytest.fixture(name="kit")
def _kit() -> Iterator[VirtualKit]:
    with VirtualKit(KitOptions(board=read_board("lab"))) as kit:
        yield kit


def test_values_are_set_and_read(kit: VirtualKit) -> None:
    door = Door.parse(str(kit.door))

    door.set({"aht.temperature": 31.5, "voltage": 1.25})

    state = door.state()
    assert (state["aht"]["temperature"], state["potentiometer"]["voltage"]) == (31.5, 1.25)
    assert state["led"] == {"kind": "LED", "pin": 2, "fitted": True, "is_on": False, "duty": 0.0, "frequency": 0}
    assert state["secure_element"]["fitted"] is False


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"voltage": 5.0}, "potentiometer.voltage is 5, but a analogue has 0 to 3.3 V"),
        ({"aht.temperature": 20.0, "led.brightness": 1.0}, "led (LED, GPIO 2) has no 'brightness'"),
        ({"aht.temperature": float("inf")}, "aht.temperature is inf"),
    ],
)
def test_what_a_part_cannot_have_is_refused_and_nothing_set(
    kit: VirtualKit, values: dict[str, float], expected: str
) -> None:
    with pytest.raises(UsageError) as caught:
        kit.door.set(values)

    assert expected in caught.value.message
    assert kit.door.state()["aht"]["temperature"] == 21.0


def test_nobody_without_the_token_comes_in(kit: VirtualKit) -> None:
    with pytest.raises(UsageError, match="token"):
        replace(kit.door, token="x").set({"aht.temperature": 40.0})

    assert kit.door.state()["aht"]["temperature"] == 21.0


@pytest.mark.parametrize("line", [b"", b"null\n", b"[]\n", b'{"token": 3}\n', b'{"set": 3}\n', b"\xff\n"])
def test_lines_that_are_no_request_are_answered(line: bytes) -> None:
    answer = DoorServer(Table(read_board(None))).answer(line)

    assert "error" in answer
    assert json.dumps(answer)


def test_a_kit_that_is_gone_is_the_benchs_fault() -> None:
    with VirtualKit(KitOptions()) as kit:
        door = kit.door

    with pytest.raises(BenchError, match="does not answer"):
        door.state()


def test_lent_kit_leads_where_it_is_told_until_it_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    arranged: list[tuple[object, float]] = []

    def surround(_chip: Chip, *, access_point: tuple[Way, ...], clock_factor: float) -> None:
        arranged.append((access_point, clock_factor))

    monkeypatch.setattr(Chip, "surround", surround)
    with VirtualKit(KitOptions(access_point=(("home", 8883),), clock_factor=3.0)) as kit:
        kit.door.lend(["broker:8883=127.0.0.1:9"], 2.0)
        kit.door.take_back()

    assert arranged == [((("broker", 8883, "127.0.0.1", 9),), 2.0), ((("home", 8883),), 3.0)]


@pytest.mark.parametrize(("ways", "factor"), [(["nowhere"], 1.0), (["a:1=b"], 1.0), (["a:99999"], 1.0), ([], 0.0)])
def test_kit_is_not_lent_to_what_is_no_way(kit: VirtualKit, ways: list[str], factor: float) -> None:
    with pytest.raises(UsageError):
        kit.door.lend(ways, factor)


def test_gaps_of_a_lent_kit_are_those_since_it_was_asked_last() -> None:
    lent = LentKit(lambda _ways, _factor: None, ((), 1.0))
    for feature in ("C++", "x" * 1000, *map(str, range(2000))):
        lent.note_gap(feature)

    first = lent.gaps(0)

    assert (first["gaps"][0], len(first["gaps"][1]), len(first["gaps"])) == ("C++", 400, 20)
    assert lent.gaps(first["count"])["gaps"] == []
    assert first["count"] == 1000


def test_gaps_are_asked_through_the_door_and_those_of_an_earlier_run_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    lent: list[LentKit] = []
    note = LentKit.__init__

    def known(self: LentKit, *arguments: Any) -> None:
        lent.append(self)
        note(self, *arguments)

    monkeypatch.setattr(LentKit, "__init__", known)
    with VirtualKit() as kit:
        lent[0].note_gap("of an earlier run")
        gaps = GapsBehindDoor(kit.door)
        assert gaps.first() == ""
        lent[0].note_gap("C++")
        lent[0].note_gap("threads")
        assert gaps.first() == "C++"
        gaps.forget()
        assert gaps.first() == ""
