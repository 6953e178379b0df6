"""The console's frames and replies; the firmware's side is judged in tests/kit."""

import re
import zlib

import pytest

from kitbench.kit.console import REPLY, Console, ConsoleError, frame


def reply(words: str) -> bytes:
    """Return a reply line as the firmware sends it."""
    body = f"KB1 {words} ".encode()
    return body + f"*{zlib.crc32(body):08x}\r\n".encode()


class ScriptedLine:
    """A line whose far end answers from a list and notes what it was asked."""

    def __init__(self, *replies: bytes) -> None:
        self.asked: list[bytes] = []
        self._replies = list(replies)

    def write(self, data: bytes) -> None:
        self.asked.append(data)

    def expect(self, pattern: "re.Pattern[bytes]", *, timeout_s: float) -> "re.Match[bytes]":
        match = pattern.search(self._replies.pop(0)) if self._replies else None
        if match is None:
            raise TimeoutError(timeout_s)
        return match


def test_frame_ends_with_the_checksum_of_what_precedes_it() -> None:
    assert frame("INFO") == b"KB1 INFO *" + f"{zlib.crc32(b'KB1 INFO '):08x}".encode() + b"\n"


def test_info_is_read_from_the_reply() -> None:
    line = ScriptedLine(b"I (12) noise\r\n" + reply("OK 0123456789abcdef01 00006002 1 0"))

    info = Console(line).info()

    assert info.serial == "0123456789abcdef01"
    assert (info.config_locked, info.data_locked) == (True, False)
    assert line.asked == [frame("INFO")]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("OK 0123456789abcdef01 00006002 1", "has 3 words, expected 4"),
        ("OK 0123456789abcdef 00006002 1 1", "no serial number"),
        ("OK 0123456789abcdef0g 00006002 1 1", "no serial number"),
    ],
)
def test_info_that_says_something_else_is_an_error(words: str, why: str) -> None:
    with pytest.raises(ConsoleError, match=why):
        Console(ScriptedLine(reply(words))).info()


def test_public_key_is_64_bytes() -> None:
    assert Console(ScriptedLine(reply("OK " + "ab" * 64))).public_key() == b"\xab" * 64


def test_wrong_checksum_is_an_error() -> None:
    damaged = reply("OK 00").replace(b"OK 00", b"OK 01")

    with pytest.raises(ConsoleError, match="wrong checksum"):
        Console(ScriptedLine(damaged)).read_attempt()


def test_error_reply_carries_the_firmwares_words() -> None:
    with pytest.raises(ConsoleError, match="slot_not_empty f4"):
        Console(ScriptedLine(reply("ERR slot_not_empty f4"))).generate_key("0123456789abcdef01")


def test_silence_is_an_error_that_names_the_request() -> None:
    with pytest.raises(ConsoleError, match="no reply to SIGN within 10 s"):
        Console(ScriptedLine()).sign("label", b"nonce")


def test_late_replies_to_earlier_calls_are_passed_over() -> None:
    line = ScriptedLine(reply("OK"), reply("OK"), reply("OK " + "ab" * 64))

    assert Console(line).public_key() == b"\xab" * 64


def test_reply_that_stays_empty_is_an_error() -> None:
    with pytest.raises(ConsoleError, match="the reply to PUB is empty"):
        Console(ScriptedLine(*[reply("OK")] * 1000)).public_key()


def test_leaving_needs_no_words() -> None:
    Console(ScriptedLine(reply("OK"))).leave()


def test_nonsense_is_the_kits_error() -> None:
    with pytest.raises(ConsoleError, match="1 words, expected 4"):
        Console(ScriptedLine(reply("OK what"))).info()
    with pytest.raises(ConsoleError, match="'PUB 0' is no hex: 'what'"):
        Console(ScriptedLine(reply("OK what"))).public_key()


def test_reply_pattern_needs_a_checksum() -> None:
    assert REPLY.search(b"KB1 OK 00\r\n") is None
