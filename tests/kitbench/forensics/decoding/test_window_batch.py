"""Batches keep every distinct window of every layer, and know where it stood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitbench.forensics.decoding import window_batch
from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.window_batch import BATCH_SIZE, batches

WIDTH = 8
RUNS = st.lists(
    st.one_of(
        st.binary(min_size=1, max_size=20),
        st.integers(1, 200).map(lambda size: b"\xff" * size),
        st.integers(1, 200).map(bytes),
    ),
    max_size=8,
).map(b"".join)


def windows_of(data: bytes) -> set[bytes]:
    return {data[at : at + WIDTH] for at in range(len(data) - WIDTH + 1)}


@pytest.mark.parametrize("size", [16, 100, 1 << 20])
@settings(deadline=None)
@given(st.lists(RUNS, max_size=4))
def test_batches_keep_every_window_and_its_place(size: int, contents: list[bytes]) -> None:
    layers = [Layer(data) for data in contents]
    kept = set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window_batch, "BATCH_SIZE", size)
        for batch in batches(layers, WIDTH):
            for at in range(len(batch.data) - WIDTH + 1):
                layer, origin = batch.place(at)
                if origin + WIDTH <= len(layer.data):
                    window = batch.data[at : at + WIDTH]
                    assert layer.data[origin : origin + WIDTH] == window
                    kept.add(window)

    assert kept == {window for data in contents for window in windows_of(data)}


def test_erased_flash_shrinks_to_a_window() -> None:
    (batch,) = batches([Layer(b"\xff" * 100_000)], 32)

    assert batch.data == b"\xff" * 32


@pytest.mark.parametrize("offset", [BATCH_SIZE - 32, BATCH_SIZE - 31, BATCH_SIZE - 1, BATCH_SIZE])
def test_window_across_the_border_of_batches_is_whole_in_one_of_them(offset: int) -> None:
    data = bytearray(bytes(range(251)) * (BATCH_SIZE // 251 + 1000))
    data[offset : offset + 32] = b"k" * 32

    found = [
        batch.place(at)[1] for batch in batches([Layer(bytes(data))], 32) if (at := batch.data.find(b"k" * 32)) >= 0
    ]

    assert found == [offset]


def test_short_layer_is_left_out_unless_a_narrow_window_fits() -> None:
    layers = [Layer(bytes(range(20)))]

    assert list(batches(layers, 32)) == []
    assert [batch.data for batch in batches(layers, 32, shortest=16)] == [bytes(range(20))]


def test_nothing_makes_no_batch() -> None:
    assert list(batches([Layer(b"")], 32)) == []
