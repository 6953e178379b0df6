"""A session's packet ids, window and limits per second."""

from kitbench.local_iot_core.broker.limits import RateMeter
from kitbench.local_iot_core.broker.session import Message, Session

MESSAGE = Message("t", b"x", 1)


def test_packet_id_in_use_is_not_given_again() -> None:
    session = Session("kit", unacknowledged=70_000, queued=10)
    session.unacknowledged[2] = MESSAGE
    for _ in range(3):
        session.queue(MESSAGE)

    assert [packet_id for packet_id, _ in session.take_sendable(0)] == [1, 3, 4]


def test_packet_ids_begin_again_behind_65535() -> None:
    session = Session("kit", unacknowledged=1, queued=10)
    session._last_packet_id = 65_534
    ids = []
    for _ in range(2):
        session.queue(MESSAGE)
        ids += [packet_id for packet_id, _ in session.take_sendable(0)]
        session.acknowledge(ids[-1])

    assert ids == [65_535, 1]


def test_closed_window_keeps_messages_waiting() -> None:
    session = Session("kit", unacknowledged=1, queued=10)
    session.queue(MESSAGE)
    session.queue(MESSAGE)

    assert len(list(session.take_sendable(0))) == 1
    assert len(session.waiting) == 1
    assert not session.acknowledge(99)


def test_rate_meter_counts_in_seconds() -> None:
    meter = RateMeter(2)

    assert [meter.takes(now_s) for now_s in (0.0, 0.9, 0.95, 1.0, 1.1, 1.2)] == [True, True, False, True, True, False]


def test_amount_above_the_limit_fits_an_empty_second() -> None:
    meter = RateMeter(10)

    assert meter.takes(0, 50)
    assert not meter.takes(0.5, 1)


def test_no_limit_takes_everything() -> None:
    meter = RateMeter(None)

    assert all(meter.takes(0) for _ in range(1000))
