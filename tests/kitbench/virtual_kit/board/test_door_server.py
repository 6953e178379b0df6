"""The door to a running kit's table, from outside."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from kitbench.board.board_file import read_board
from kitbench.board.door import Door
from kitbench.errors import BenchError, UsageError
from kitbench.virtual_kit.board.door_server import DoorServer
from kitbench.virtual_kit.board.table import Table
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
