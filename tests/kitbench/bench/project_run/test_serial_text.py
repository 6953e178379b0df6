"""A firmware's bytes on a terminal and in a file."""

import pytest

from kitbench.bench.project_run.serial_text import SerialText


def test_colours_stay_on_a_terminal_and_nowhere_else() -> None:
    line = b"\x1b[0;32mI (1) main: hello\x1b[0m\r\n"

    assert SerialText(has_colours=True).take(line) == "\x1b[0;32mI (1) main: hello\x1b[0m\n"
    assert SerialText(has_colours=False).take(line) == "I (1) main: hello\n"


@pytest.mark.parametrize("sequence", [b"\x1b]0;owned\x07", b"\x1b[2J", b"\x1b[6n", b"\x1bc", b"\x9b2J", b"\x08\x08"])
def test_other_control_sequences_lose_their_power(sequence: bytes) -> None:
    shown = SerialText(has_colours=True).take(b"a" + sequence + b"b\n")

    assert not set(shown) & set("\x1b\x07\x08\x9b")
    assert shown.startswith("a")
    assert shown.endswith("b\n")


@pytest.mark.parametrize("cut", range(1, 20))
def test_sequence_or_character_cut_in_two_is_whole_again(cut: int) -> None:
    line = "\x1b[1;31mgrün €\x1b[0m\n".encode()
    text = SerialText(has_colours=True)

    assert text.take(line[:cut]) + text.take(line[cut:]) == line.decode()


def test_bytes_that_are_no_utf_8_do_not_stop_what_follows() -> None:
    text = SerialText(has_colours=False)

    assert text.take(b"\xff\xfe ok\n").endswith(" ok\n")
    assert text.take(b"next\n") == "next\n"
