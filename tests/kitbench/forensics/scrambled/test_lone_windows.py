"""Which windows are tried: those that look random, and of too many those with the fewest such neighbours."""

import random

import numpy as np
import pytest

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.scrambled import lone_windows as module
from kitbench.forensics.scrambled.lone_windows import FEWEST_BITS, FEWEST_DISTINCT, SIZE, lone_windows

NUMBER = random.Random(20261130).randbytes(SIZE)
TEXT = b"the quick brown fox jumps over the lazy dog; " * 40


def looks_random(window: bytes) -> bool:
    """The same by definition, one window at a time."""
    planes = [sum(byte >> plane & 1 for byte in window) for plane in range(8)]
    return len(set(window)) >= FEWEST_DISTINCT and all(FEWEST_BITS <= ones <= SIZE - FEWEST_BITS for ones in planes)


@pytest.mark.parametrize("data", [b"", NUMBER[:31], NUMBER, TEXT, TEXT + NUMBER + TEXT, bytes(range(256)) * 3 + NUMBER])
def test_windows_are_those_that_look_random(data: bytes) -> None:
    found = lone_windows([Layer(data)], len(data))

    wanted = [at for at in range(len(data) - SIZE + 1) if looks_random(data[at : at + SIZE])]
    assert [at for _, at in found.places] == wanted
    assert [row.tobytes() for row in found.windows] == [data[at : at + SIZE] for at in wanted]
    assert found.left == 0


def test_code_like_bytes_are_judged_as_one_window_at_a_time() -> None:
    data = bytes(random.Random(5).choices(range(256), [1 + 200 // (1 + value) for value in range(256)], k=2000))

    found = lone_windows([Layer(data)], 1 << 30)

    wanted = [at for at in range(len(data) - SIZE + 1) if looks_random(data[at : at + SIZE])]
    assert len(wanted) > 100  # the control: some do, and some do not
    assert len(wanted) < len(data) - 100
    assert [at for _, at in found.places] == wanted


def test_of_too_many_those_that_stand_apart_are_tried() -> None:
    noise = random.Random(7).randbytes(50_000)
    data = noise + TEXT + NUMBER + TEXT + noise

    found = lone_windows([Layer(data)], len(data))

    assert len(noise) + len(TEXT) in [at for _, at in found.places]
    assert len(found.places) <= 768 + len(data) // 2560
    assert found.left + len(found.places) > 99_000


def test_window_across_two_layers_is_none() -> None:
    layers = [Layer(TEXT + NUMBER[:20]), Layer(NUMBER[20:] + TEXT)]

    found = lone_windows(layers, 4000)

    assert all(at + SIZE <= len(layer.data) for layer, at in found.places)
    assert NUMBER not in [row.tobytes() for row in found.windows]


def test_large_image_is_walked_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.forensics.decoding.window_batch.BATCH_SIZE", 4096)
    data = (TEXT + NUMBER) * 20

    found = lone_windows([Layer(data)], 1 << 24)

    begins = [at for _, at in found.places]
    assert set(range(len(TEXT), len(data), len(TEXT) + SIZE)) <= set(begins)
    assert [row.tobytes() for row in found.windows] == [data[at : at + SIZE] for at in begins]


def test_a_random_number_hardly_ever_looks_otherwise() -> None:
    numbers = np.random.default_rng(3).integers(0, 256, (20_000, SIZE), np.uint8)

    assert sum(not looks_random(number.tobytes()) for number in numbers) <= 5
    assert module.SIZE == 32
