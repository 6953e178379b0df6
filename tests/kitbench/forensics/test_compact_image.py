"""Compaction keeps every distinct window, and knows where it stood."""

from hypothesis import given
from hypothesis import strategies as st

from kitbench.forensics.compact_image import compact

WIDTH = 8
RUNS = st.lists(
    st.one_of(
        st.binary(min_size=1, max_size=20),
        st.integers(1, 40).map(lambda size: b"\xff" * size),
        st.integers(1, 40).map(bytes),
    ),
    max_size=8,
).map(b"".join)


@given(RUNS)
def test_compact_keeps_every_window_and_its_content(image: bytes) -> None:
    compacted = compact(image, width=WIDTH)

    windows = {image[at : at + WIDTH] for at in range(len(image) - WIDTH + 1)}
    kept = {compacted.data[at : at + WIDTH] for at in range(len(compacted.data) - WIDTH + 1)}
    assert kept == windows
    for at in range(len(compacted.data) - WIDTH + 1):
        origin = compacted.origin(at)
        assert image[origin : origin + WIDTH] == compacted.data[at : at + WIDTH]


def test_compact_shrinks_erased_flash_to_a_window() -> None:
    assert compact(b"\xff" * 100_000, width=32).data == b"\xff" * 32


def test_compact_of_nothing_is_nothing() -> None:
    assert compact(b"", width=32).data == b""
