"""The network that a board file names."""

import pytest

from kitbench.board.board_file import parse_board
from kitbench.board.wifi import Wifi
from kitbench.errors import UsageError


def test_board_without_one_lets_everybody_in() -> None:
    assert parse_board("b", "").wifi is None


def test_board_names_its_network_and_never_shows_the_password() -> None:
    board = parse_board("b", '[wifi]\nssid = "lab"\npassword = "right horse"\n')

    assert board.wifi == Wifi("lab", "right horse")
    assert "horse" not in repr(board)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "ssid has 0 bytes"),
        ('ssid = ""', "ssid has 0 bytes"),
        (f'ssid = "{"ü" * 17}"', "ssid has 34 bytes, expected 1 to 32"),
        ('ssid = "lab"\npassword = "short"', "password has 5 bytes"),
        ('ssid = "lab"\npasswort = "12345678"', "unknown key 'passwort'"),
        ('ssid = "lab"\npassword = 12345678', "password is 12345678, expected a text"),
    ],
)
def test_what_no_network_can_have_is_refused_with_the_file(table: str, words: str) -> None:
    with pytest.raises(UsageError, match=r"^board: b: ") as raised:
        parse_board("b", f"[wifi]\n{table}\n")

    assert words in str(raised.value)


def test_table_must_be_one() -> None:
    with pytest.raises(UsageError, match=r"\[wifi\] is 'lab', expected a table"):
        parse_board("b", 'wifi = "lab"\n')


@pytest.mark.parametrize(
    ("ssid", "password", "refusal"),
    [(b"lab", b"right horse", 0), (b"lab", b"Right horse", 15), (b"lab", b"", 15), (b"Lab", b"right horse", 201)],
)
def test_station_gets_in_by_name_and_password(ssid: bytes, password: bytes, refusal: int) -> None:
    assert Wifi("lab", "right horse").refusal(ssid, password) == refusal


def test_open_network_takes_every_password() -> None:
    assert Wifi("lab").refusal(b"lab", b"some word") == 0
