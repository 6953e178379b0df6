"""CBOR by the examples of RFC 8949, appendix A, and what is refused."""

import random

import pytest

from kitbench.local_iot_core.provisioning.cbor import CborError, decode, encode


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("00", 0),
        ("17", 23),
        ("1818", 24),
        ("1903e8", 1000),
        ("1a000f4240", 1000000),
        ("1b000000e8d4a51000", 1000000000000),
        ("29", -10),
        ("3903e7", -1000),
        ("f4", False),
        ("f6", None),
        ("4401020304", b"\1\2\3\4"),
        ("6449455446", "IETF"),
        ("62c3bc", "ü"),
        ("83010203", [1, 2, 3]),
        ("a26161016162820203", {"a": 1, "b": [2, 3]}),
    ],
)
def test_example_of_the_rfc(text: str, value: object) -> None:
    assert decode(bytes.fromhex(text)) == value
    assert encode(value) == bytes.fromhex(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5f42010243030405ff", b"\1\2\3\4\5"),
        ("7f657374726561646d696e67ff", "streaming"),
        ("9f0102ff", [1, 2]),
        ("bf6346756ef563416d7421ff", {"Fun": True, "Amt": -2}),
    ],
)
def test_open_length_is_read(text: str, value: object) -> None:
    assert decode(bytes.fromhex(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "18",
        "61",
        "a10102",
        "a1",
        "9f",
        "ff",
        "c074",
        "f97e00",
        "1c",
        "62c328",
        "0000",
        "5f6161ff",
        "81" * 40 + "00",
    ],
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(CborError):
        decode(bytes.fromhex(text))


def test_huge_lengths_cost_nothing() -> None:
    with pytest.raises(CborError):
        decode(bytes.fromhex("9bffffffffffffffff"))
    with pytest.raises(CborError):
        decode(bytes.fromhex("7bffffffffffffffff"))


def test_any_bytes_give_a_value_or_a_refusal() -> None:
    chance = random.Random(5)
    for _ in range(3000):
        try:
            decode(chance.randbytes(chance.randrange(40)))
        except CborError:
            continue
