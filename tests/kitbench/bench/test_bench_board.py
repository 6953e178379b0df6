"""The board that tests have in hand, on a simulated table and on a real one."""

from collections.abc import Iterator

import pytest

from kitbench.bench.bench_board import BenchBoard
from kitbench.board.board_file import read_board
from kitbench.errors import BenchError, KitError, UsageError
from kitbench.virtual_kit.kit import KitOptions, VirtualKit

LAB = read_board("lab")


@pytest.fixture(name="kit")
def _kit() -> Iterator[VirtualKit]:
    with VirtualKit(KitOptions(board=LAB)) as kit:
        yield kit


def test_parts_are_set_and_read_by_name(kit: VirtualKit) -> None:
    board = BenchBoard(LAB, kit.door)

    board["aht"].set(temperature=31.5, humidity=12)
    board.set({"dht.temperature": -4}, voltage=0.5)

    assert (board["aht"].state()["temperature"], board["dht"].state()["temperature"]) == (31.5, -4.0)
    assert kit.table.voltage(34) == 0.5
    assert (board["led"].kind, board["led"].pins, list(board)[:2]) == ("LED", {"pin": 2}, ["secure_element", "aht"])


def test_lamps_are_read_and_waited_for(kit: VirtualKit) -> None:
    lamp = BenchBoard(LAB, kit.door)["led"]
    lamp.wait_until(is_on=False, within_s=1)
    kit.table.drive(2, 0.25, 4000)

    lamp.wait_until(is_on=True, within_s=1)
    assert (lamp.is_on, lamp.duty, lamp.frequency) == (True, 0.25, 4000)
    with pytest.raises(KitError, match=r"led \(LED, GPIO 2\) is still on after 0\.2 s"):
        lamp.wait_until(is_on=False, within_s=0.2)


def test_values_are_as_before_after_a_test(kit: VirtualKit) -> None:
    board = BenchBoard(LAB, kit.door)
    before = board.state()

    with board.values_kept():
        board.set({"aht.temperature": 60, "dht.fitted": False})

    assert board.state() == before


def test_a_real_table_is_described_and_refuses_in_words() -> None:
    board = BenchBoard(LAB, None)

    assert not board.is_simulated
    assert board["aht"].pins == {"sda": 27, "scl": 33}
    with pytest.raises(BenchError, match=r"cannot set temperature of aht \(AHT20, SDA 27, SCL 33\).*--kit virtual"):
        board["aht"].set(temperature=20)
    with pytest.raises(BenchError, match="cannot read its parts"):
        assert board["led"].is_on
    with board.values_kept():
        pass


def test_names_that_the_board_does_not_have_are_told_before_anything_else() -> None:
    with pytest.raises(UsageError, match=r"has no part 'ath': did you mean 'aht'\?"):
        BenchBoard(LAB, None)["ath"]
    with pytest.raises(UsageError, match=r"say aht\.temperature or dht\.temperature"):
        BenchBoard(LAB, None).set(temperature=20)


def test_a_sensor_shows_nothing(kit: VirtualKit) -> None:
    with pytest.raises(BenchError, match="shows nothing"):
        assert BenchBoard(LAB, kit.door)["aht"].is_on
