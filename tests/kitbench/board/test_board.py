"""Names of quantities on a board."""

from typing import Final

import pytest

from kitbench.board.board_file import parse_board, read_board
from kitbench.errors import UsageError

TWO: Final = parse_board("two", "[parts.a]\nkind='AHT20'\nsda=4\nscl=5\n[parts.b]\nkind='DHT22'\npin=12\n")


def test_a_quantity_that_one_part_has_needs_no_part() -> None:
    part, quantity = read_board(None).find_quantity("temperature")

    assert (part.name, quantity) == ("aht", "temperature")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("temperature", "say a.temperature or b.temperature"),
        ("voltage", "no part of board two has a 'voltage'"),
        ("a.temprature", "did you mean 'temperature'?"),
        ("c.temperature", "board two has no part 'c'"),
    ],
)
def test_a_name_that_means_nothing_or_two_things_is_told(text: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        TWO.find_quantity(text)

    assert expected in caught.value.message
