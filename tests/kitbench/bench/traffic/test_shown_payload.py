import pytest

from kitbench.bench.traffic.shown_payload import is_shown


@pytest.mark.parametrize(
    ("payload", "printed"),
    [
        (b"hello 4 ", "I (10) app: Published: hello 4 \r\n"),
        (b'{\n  "n": 4\n}\n', 'I (10) app: {\r\n  "n": 4\r\n}\r\n'),
        ("21 °C".encode(), "topic\t21 °C"),
        (b"\x00\x01\xfe\xff", "I (10) app: 00 01 fe ff\r\n"),
        (bytes(range(20)), "I (1) a: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\nI (1) a: 10 11 12 13\n"),
        (b"\xff\x10", "sent 0xFF, 0x10"),
        (b"", "nothing at all"),
        (b" \r\n", "nothing at all"),
        (b"x" * 5000, "x" * 1024),
        (b"7", "I (1) app: sent 7"),
        (b"-1 C", "t\t-1 C\r\n"),
    ],
)
def test_payload_that_stands_there(payload: bytes, printed: str) -> None:
    assert is_shown(payload, printed)


@pytest.mark.parametrize(
    ("payload", "printed"),
    [
        (b"hello 4", "hello 3 hello 5"),
        (b"hello", ""),
        (b"x", "I (7) x: max 0x10"),
        (b"7", "I (7) app: 17 of 71"),
        (b"\x00\x01\xfe\xff", "00 01 fe fe"),
        (b"abc", "61 62 63"),  # text is to be readable
        (b"x" * 5000, "x" * 100),
    ],
)
def test_payload_that_does_not(payload: bytes, printed: str) -> None:
    assert not is_shown(payload, printed)
