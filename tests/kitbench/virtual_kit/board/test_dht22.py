"""The DHT22's model: frames of the data sheet, and the answer's shape."""

import pytest

from kitbench.virtual_kit.board.dht22 import PERIOD_US, START_US, Dht22, frame, waveform


@pytest.mark.parametrize(
    ("climate", "expected"),
    [
        # AM2302's data sheet: 65.2 % and 35.1 °C, 65.2 % and -10.1 °C.
        ((35.1, 65.2), "028c015fee"),
        ((-10.1, 65.2), "028c806573"),
        ((0.0, 100.0), "03e80000eb"),
        ((-0.04, 0.0), "0000000000"),
    ],
)
def test_frames(climate: tuple[float, float], expected: str) -> None:
    assert frame(*climate).hex() == expected


def test_answer_has_a_level_for_each_edge() -> None:
    levels = waveform(bytes.fromhex("80000000ff"))

    assert len(levels) == 3 + 2 * 40 + 1
    assert levels[:5] == (30, 80, 80, 50, 70)
    assert levels[5:7] == (50, 26)


def test_it_answers_to_a_start_that_is_long_enough() -> None:
    dht = Dht22(lambda: (20.0, 40.0), lambda: True)

    assert dht.answer(START_US - 1, 0) == ()
    assert dht.answer(START_US, 0) == waveform(frame(20.0, 40.0))


def test_asked_too_soon_it_sends_the_last_measurement() -> None:
    now = [20.0]
    dht = Dht22(lambda: (now[0], 40.0), lambda: True)
    dht.answer(START_US, 0)
    now[0] = 30.0

    assert dht.answer(START_US, PERIOD_US - 1) == waveform(frame(20.0, 40.0))
    assert dht.answer(START_US, PERIOD_US) == waveform(frame(30.0, 40.0))


def test_unplugged_it_is_silent() -> None:
    assert Dht22(lambda: (20.0, 40.0), lambda: False).answer(START_US, 0) == ()
