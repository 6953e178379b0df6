"""Line and column in embedded text."""

import pytest

from kitbench.forensics.layout.hexdump import masked_hexdump
from kitbench.forensics.layout.text_position import text_position

TEXT = b"\x00\x01first\nsecond line\r\n\tthird\x00"


@pytest.mark.parametrize(
    ("word", "position"), [(b"first", (1, 1)), (b"second", (2, 1)), (b"line", (2, 8)), (b"third", (3, 2))]
)
def test_text_position_counts_as_an_editor(word: bytes, position: tuple[int, int]) -> None:
    assert text_position(TEXT, TEXT.index(word)) == position


@pytest.mark.parametrize("offset", [0, 1, len(TEXT) - 1, len(TEXT), 10_000])
def test_no_text_has_no_position(offset: int) -> None:
    assert text_position(TEXT, offset) == (None, None)


def test_hexdump_shows_the_label_and_masks_all_else() -> None:
    dump = b"SECRET-before" + b"-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG" + b"behind"

    rows = masked_hexdump(dump, 13, len(dump) - 6)

    text = "".join(row.split("|")[1] for row in rows)
    assert text.startswith("·" * 13 + "-----BEGIN PRIVATE KEY-----" + "·")
    assert not any(word in "".join(rows) for word in ("SECRET", "MIGH", "4d 49", "behind"))
