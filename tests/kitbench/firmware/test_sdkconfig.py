"""The text format of sdkconfig."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.firmware import sdkconfig
from kitbench.firmware.sdkconfig import SdkconfigError


def test_parse_gives_values_without_prefix_and_quotes() -> None:
    text = '# comment\nCONFIG_A=y\n\n# CONFIG_B is not set\nCONFIG_C="x \\"y\\" \\\\"\r\nCONFIG_D=0xC0\n'

    assert sdkconfig.parse(text) == {"A": "y", "B": "n", "C": 'x "y" \\', "D": "0xC0"}


@pytest.mark.parametrize("text", ["\nnonsense", '\nCONFIG_A="x', "\nCONFIG_A B=1"])
def test_parse_broken_line_is_named(text: str) -> None:
    with pytest.raises(SdkconfigError, match=r"^2: "):
        sdkconfig.parse(text)


def test_serialize_quotes_what_is_no_number() -> None:
    values = {"A": "y", "CONFIG_B": "n", "C": "x y", "D": "-5", "E": ""}

    assert sdkconfig.serialize(values) == (
        'CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="x y"\nCONFIG_D=-5\nCONFIG_E=""\n'
    )


@given(st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9_]{0,20}", fullmatch=True), st.text(" !\"#$%&'()\\azAZ09")))
def test_parse_gives_what_was_serialized(values: dict[str, str]) -> None:
    assert sdkconfig.parse(sdkconfig.serialize(values)) == values
