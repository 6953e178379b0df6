"""The server's side of RFC 2217."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.virtual_kit.serial_line.rfc2217 import (
    Baud,
    Data,
    Dtr,
    Event,
    PortSession,
    PurgeReceived,
    Reply,
    Rts,
    escape,
)

IAC, SB, SE, WILL, WONT, DO, DONT = 255, 250, 240, 251, 252, 253, 254


def _sub(*body: int) -> bytes:
    return bytes([IAC, SB, 44]) + escape(bytes(body)) + bytes([IAC, SE])


def _agreed() -> PortSession:
    """A session in which both have agreed on the COM port option."""
    session = PortSession()
    session.receive(bytes([IAC, WILL, 44, IAC, DO, 44]))
    return session


def _data(events: list[Event]) -> bytes:
    return b"".join(event.payload for event in events if isinstance(event, Data))


def _replies(events: list[Event]) -> list[bytes]:
    return [event.raw for event in events if isinstance(event, Reply)]


@given(st.binary(max_size=2000), st.integers(1, 64))
def test_data_pass_unchanged_however_they_are_cut(payload: bytes, step: int) -> None:
    session, wire = PortSession(), escape(payload)

    events = [event for at in range(0, len(wire), step) for event in session.receive(wire[at : at + step])]

    assert _data(events) == payload


@given(st.lists(st.binary(max_size=300), max_size=10))
def test_any_bytes_are_survived_in_bounded_memory(pieces: list[bytes]) -> None:
    session = PortSession()
    for piece in pieces:
        session.receive(piece)

    assert len(session._pending) <= 2
    assert session._subnegotiation is None or len(session._subnegotiation) <= 512


@given(st.lists(st.sampled_from([IAC, SB, SE, WILL, WONT, DO, DONT, 44, 0, 1, 5, 12, 8, 11]), max_size=200))
def test_any_negotiation_is_survived(stream: list[int]) -> None:
    session = PortSession()

    replies = _replies(session.receive(bytes(stream)))

    assert sum(map(len, replies)) < 40 * (len(stream) + 1)


def test_baud() -> None:
    events = _agreed().receive(_sub(1, 0, 0x0E, 0x10, 0))

    assert events[0] == Baud(921600)
    assert _replies(events) == [_sub(101, 0, 0x0E, 0x10, 0)]


def test_rate_with_an_iac_in_it() -> None:
    assert _agreed().receive(_sub(1, 0, 0, 255, 255))[0] == Baud(65535)


def test_baud_of_zero_asks() -> None:
    events = _agreed().receive(_sub(1, 0, 0, 0, 0))

    assert events == [Reply(_sub(101, 0, 1, 0xC2, 0))]


@pytest.mark.parametrize(("value", "event"), [(8, Dtr(True)), (9, Dtr(False)), (11, Rts(True)), (12, Rts(False))])
def test_modem_lines(value: int, event: Event) -> None:
    assert _agreed().receive(_sub(5, value)) == [event, Reply(_sub(105, value))]


@pytest.mark.parametrize(("question", "answer"), [(0, 1), (4, 6), (7, 9), (10, 12)])
def test_questions_about_lines(question: int, answer: int) -> None:
    assert _agreed().receive(_sub(5, question)) == [Reply(_sub(105, answer))]


def test_state_of_a_line_that_was_set() -> None:
    session = _agreed()
    session.receive(_sub(5, 8))

    assert session.receive(_sub(5, 7)) == [Reply(_sub(105, 8))]


@pytest.mark.parametrize(("command", "value"), [(2, 7), (3, 3), (4, 2), (10, 0), (11, 255)])
def test_other_settings_are_confirmed(command: int, value: int) -> None:
    assert _agreed().receive(_sub(command, value)) == [Reply(_sub(command + 100, value))]


@pytest.mark.parametrize(("value", "purges"), [(1, True), (2, False), (3, True)])
def test_purge(value: int, purges: bool) -> None:  # noqa: FBT001 - a parameter
    events = _agreed().receive(_sub(12, value))

    assert (PurgeReceived() in events) is purges
    assert _replies(events) == [_sub(112, value)]


def test_events_keep_their_order() -> None:
    events = _agreed().receive(b"before" + _sub(5, 11) + b"after")

    assert events == [Data(b"before"), Rts(True), Reply(_sub(105, 11)), Data(b"after")]


def test_options_are_agreed_to_once() -> None:
    session = PortSession()

    assert session.receive(bytes([IAC, WILL, 3])) == [Reply(bytes([IAC, DO, 3]))]
    assert session.receive(bytes([IAC, WILL, 3])) == []


@pytest.mark.parametrize(("verb", "refusal"), [(DO, WONT), (WILL, DONT)])
def test_unknown_options_are_refused(verb: int, refusal: int) -> None:
    assert PortSession().receive(bytes([IAC, verb, 99])) == [Reply(bytes([IAC, refusal, 99]))]


def test_refusals_are_not_answered() -> None:
    assert PortSession().receive(bytes([IAC, DONT, 0, IAC, WONT, 44])) == []


def test_endless_subnegotiation_takes_bounded_memory() -> None:
    session = PortSession()
    session.receive(bytes([IAC, SB, 44]))
    for _ in range(100):
        session.receive(bytes(0x10000))

    assert session._subnegotiation is not None
    assert len(session._subnegotiation) <= 512


@pytest.mark.parametrize("first", [bytes([IAC, WILL, 44]), bytes([IAC, DO, 44]), _sub(5, 7)])
def test_modem_state_is_told_once_however_the_client_begins(first: bytes) -> None:
    session = PortSession()

    replies = _replies(session.receive(first)) + _replies(session.receive(bytes([IAC, DO, 44]) + _sub(5, 7)))

    assert replies.count(_sub(107, 0)) == 1
    assert replies[0] == _sub(107, 0)


def test_modem_state_is_not_told_to_a_client_that_speaks_plain_telnet() -> None:
    assert _sub(107, 0) not in _replies(PortSession().receive(bytes([IAC, DO, 3]) + b"text"))
