"""Numbers in what kits print and rules write."""

from decimal import Decimal

import pytest

from kitbench.bench.sensor_to_table.reading import count_near, numbers_in, numbers_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"t":31.52,"h":40}', (31.52, 40.0)),
        ("T=-7.3C", (-7.3,)),
        ("temperature: 12.60 °C\r\nI (1234) sensor", (12.6, 1234.0)),
        ("[1, 2.5]", (1.0, 2.5)),
        ('{"t":-7.1399998664855957}', (-7.1399998664855957,)),  # a float, as cJSON prints it
        ("2.1430000E+01, 9.5e-3", (21.43, 0.0095)),
        ("0." + "1" * 21, ()),
        ("12e34567", ()),
        ("5 eggs, 31e", (5.0, 31.0)),
        ("v5.1.4 esp32 x86", ()),
        ("", ()),
    ],
)
def test_numbers_are_those_that_people_read(text: str, expected: tuple[float, ...]) -> None:
    assert numbers_in(text) == expected


def test_numbers_of_a_row_lie_as_deep_as_they_like() -> None:
    row = {
        "at": Decimal(1709283600000),
        "payload": {"t": Decimal("21.37"), "list": [True, None, "h=44.5"]},
        "id": "kit",
        "text": '{"temperature":18.260000228881836}',
    }

    assert numbers_of(row) == (1709283600000.0, 21.37, 44.5, 18.260000228881836)


def test_a_value_is_found_within_the_sensors_resolution() -> None:
    numbers = (31.5, 31.47, 31.6)

    assert (count_near(numbers, 31.52), count_near(numbers, 30.0)) == (2, 0)
