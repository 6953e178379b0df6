"""The text format of sdkconfig."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.firmware import sdkconfig


def test_parse_gives_values_without_prefix_and_quotes() -> None:
    text = '# comment\nCONFIG_A=y\n\n# CONFIG_B is not set\nCONFIG_C="x \\"y\\" \\\\"\r\nCONFIG_D=0xC0\n'

    assert sdkconfig.parse(text) == {"A": "y", "B": "n", "C": 'x "y" \\', "D": "0xC0"}


@pytest.mark.parametrize(
    "text", ["nonsense", "<<<<<<< HEAD", 'CONFIG_A="x', "CONFIG_A B=1", "  CONFIG_A=y", "#CONFIG_A=y"]
)
def test_line_that_is_no_assignment_is_passed_over_as_esp_idf_does(text: str) -> None:
    assert sdkconfig.parse(f"{text}\nCONFIG_B=y\n") == {"B": "y"}


def test_quotes_make_a_string_and_nothing_makes_n() -> None:
    values = sdkconfig.read('CONFIG_A="12345678"\nCONFIG_B="n"\nCONFIG_C=\nCONFIG_D=7\nCONFIG_E=""\n')

    assert {name: (value.text, value.is_string) for name, value in values.items()} == {
        "A": ("12345678", True),
        "B": ("n", True),
        "C": ("n", False),
        "D": ("7", False),
        "E": ("", True),
    }


@given(st.binary())
def test_any_bytes_stay_what_they_are(content: bytes) -> None:
    assert sdkconfig.encode(sdkconfig.decode(content)) == content


def test_serialize_quotes_what_is_no_number() -> None:
    values = {"A": "y", "CONFIG_B": "n", "C": "x y", "D": "-5", "E": ""}

    assert sdkconfig.serialize(values) == (
        'CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="x y"\nCONFIG_D=-5\nCONFIG_E=""\n'
    )


@given(st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9_]{0,20}", fullmatch=True), st.text(" !\"#$%&'()\\azAZ09")))
def test_parse_gives_what_was_serialized(values: dict[str, str]) -> None:
    assert sdkconfig.parse(sdkconfig.serialize(values)) == values
