"""Board files: what they say, and one line for what is wrong with them."""

from pathlib import Path

import pytest

from kitbench.board.board_file import known_boards, parse_board, read_board
from kitbench.errors import UsageError


def test_course_board_is_the_courses_kit() -> None:
    board = read_board(None)

    element, sensor = board.parts["secure_element"], board.parts["aht"]
    assert (element.kind.name, element.address, dict(element.pins)) == ("ATECC608A", 0xC0, {"sda": 27, "scl": 33})
    assert (sensor.kind.name, sensor.address, dict(sensor.pins)) == ("AHT20", 0x38, {"sda": 27, "scl": 33})
    assert board.wiring == (("ATCA_I2C_SDA_PIN", "27"), ("ATCA_I2C_SCL_PIN", "33"), ("ATCA_I2C_ADDRESS", "0xc0"))
    assert not board.is_named
    assert read_board("course").is_named


def test_every_board_that_comes_along_can_be_read() -> None:
    assert {"course", "lab", "bare"} <= set(known_boards())
    assert {name: read_board(name).name for name in known_boards()} == {name: name for name in known_boards()}


def test_file_is_read_from_the_users_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[parts.lamp]\nkind = 'LED'\npin = 12\nactive_low = true\n")

    lamp = read_board("mine.toml", tmp_path).parts["lamp"]

    assert (lamp.pins["pin"], lamp.is_active_low) == (12, True)


def test_values_begin_where_the_file_says() -> None:
    board = parse_board("x", "[parts.a]\nkind='AHT20'\nsda=27\nscl=33\ntemperature=-3\n")

    assert board.parts["a"].values == {"temperature": -3.0, "humidity": 40.0}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[parts.a]\nkind='led'\npin=2", "did you mean 'LED'?"),
        ("[parts.a]\nkind='DHT2'\npin=2", "did you mean 'DHT22'?"),
        ("[parts.a]\npin=2", "part 'a' has no kind"),
        ("[parts.a]\nkind='LED'", "part 'a' (LED) has no pin"),
        ("[parts.a]\nkind='LED'\npin=2\nactivelow=true", "did you mean 'active_low'?"),
        ("[parts.a]\nkind='LED'\npin=2\nactive_low=1", "active_low is 1, expected true or false"),
        ("[parts.a]\nkind='LED'\npin=34", "pin is 34, but a part of kind LED goes to GPIO 0 to 5, 12 to 19"),
        ("[parts.a]\nkind='LED'\npin=true", "pin is True"),
        ("[parts.a]\nkind='LED'\npin=7", "pin is 7"),
        ("[parts.a]\nkind='analogue'\npin=5", "pin is 5"),
        ("[parts.a]\nkind='AHT20'\nsda=4\nscl=4", "the same GPIO 4"),
        ("[parts.a]\nkind='AHT20'\nsda=4\nscl=5\naddress=0x39", "address is 0x39, but a AHT20 has 0x38"),
        ("[parts.a]\nkind='ATECC608A'\nsda=4\nscl=5\naddress=0x60", "eight bits, as CryptoAuthLib has it: 0xC0"),
        ("[parts.a]\nkind='AHT20'\nsda=4\nscl=5\ntemperature=90", "a.temperature is 90, but a AHT20 has -40 to 85 °C"),
        ("[parts.a]\nkind='AHT20'\nsda=4\nscl=5\ntemperature='warm'", "expected a number in °C"),
        ("[parts.a]\nkind='AHT20'\nsda=4\nscl=5\ntemperature=nan", "a.temperature is nan"),
        ("[parts.a]\nkind='LED'\npin=4\n[parts.b]\nkind='DHT22'\npin=4", "a and b are both on GPIO 4"),
        ("[parts.a]\nkind='LED'\npin=4\n[parts.b]\nkind='AHT20'\nsda=4\nscl=5", "a and b are both on GPIO 4"),
        (
            "[parts.a]\nkind='AHT20'\nsda=4\nscl=5\n[parts.b]\nkind='AHT10'\nsda=4\nscl=5",
            "a and b have the same address on the same bus",
        ),
        ("[parts.a]\nkind='AHT20'\nsda=4\nscl=5\n[parts.b]\nkind='AHT10'\nsda=5\nscl=4", "both on GPIO 4"),
        ("[parts.1a]\nkind='LED'\npin=4", "part '1a': a name has letters"),
        ("[part.a]\nkind='LED'\npin=4", "unknown key 'part'"),
        ("parts=3", "[parts] is 3, expected a table"),
        ("[parts]\na=3", "[parts.a] is 3, expected a table"),
        ("[parts.a", "x: Expected"),
    ],
)
def test_mistakes_are_told_in_one_line(text: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_board("x", text)

    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "x: " in str(caught.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("cuorse", "did you mean 'course'?"), ("nowhere.toml", "cannot read"), ("", "course")],
)
def test_a_board_that_is_nowhere_is_told(tmp_path: Path, name: str, expected: str) -> None:
    if not name:
        assert read_board(name).name == expected
        return
    with pytest.raises(UsageError, match=expected.replace("?", r"\?")):
        read_board(name, tmp_path)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(UsageError, match="no text in UTF-8"):
        read_board("a.toml", tmp_path)


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000, "a = " + "{a=" * 20_000, "a = " + "9" * 5000])
def test_file_too_deep_or_too_long_to_read_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "deep.toml").write_text(text)

    with pytest.raises(UsageError, match=r"deep\.toml: ") as caught:
        read_board(str(tmp_path / "deep.toml"))

    assert "\n" not in str(caught.value)
