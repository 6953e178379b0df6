"""Runs of text give their digits and numbers, and find each of them again."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitbench.forensics.decoding.text_run import NUMBER, DigitRun, NumberRun, alphabet

DIGITS = b"abcnr+"
TABLE = alphabet(DIGITS, aliases=(b"-", b"+"))


@pytest.mark.parametrize("block", [7, 16384])
@settings(deadline=None)
@given(st.text(alphabet='abcnr+-\\ "\n', max_size=100))
def test_digit_run_finds_each_digit_again(block: int, text: str) -> None:
    data = b"##" + text.encode() + b"abc"
    span = (2, 2 + len(text))
    expected = re.sub(rb'\\[nr]|[\\ "\n]', b"", data[2 : span[1]]).replace(b"-", b"+")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kitbench.forensics.decoding.text_run._BLOCK", block)
        run = DigitRun(data, span, TABLE)
        digits = run.read()
        places = [run.offset(position) for position in range(len(digits))]

    assert digits == expected
    assert bytes(data[place] for place in places).replace(b"-", b"+") == expected
    assert places == sorted(set(places))


@pytest.mark.parametrize("block", [9, 16384])
@pytest.mark.parametrize("spelling", ["0x%02x", "0X%02X", "%d", "%03d"])
def test_number_run_finds_each_number_again(block: int, spelling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.forensics.decoding.text_run._BLOCK", block)
    text = ("{" + ",\n ".join(spelling % value for value in range(256)) + "}").encode()
    run = NumberRun(text, (1, len(text) - 1))

    assert run.read() == bytes(range(256))
    assert [text[run.offset(i) :].startswith((spelling % i).encode()) for i in range(256)] == [True] * 256
    assert run.hull(3, 4) == (run.offset(3), run.offset(4) + 1)


@pytest.mark.parametrize("number", ["256", "1000", "0x100", "-", "x1", ""])
def test_what_is_no_byte_is_no_number(number: str) -> None:
    assert re.fullmatch(NUMBER, number.encode()) is None


@pytest.mark.parametrize(("number", "value"), [("-1", 255), ("-128", 128), ("007", 7), ("0", 0), ("255", 255)])
def test_number_is_a_byte(number: str, value: int) -> None:
    assert NumberRun(number.encode(), (0, len(number))).read() == bytes([value])
