"""Texts in every encoding that an editor leaves are read as what was written."""

import codecs

import pytest

from grading.hand_in.text_file import decoded

TEXT = 'endpoint = "a.example"  # für Zoë\n'


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), ""),
        (codecs.BOM_UTF8 + TEXT.encode(), ""),
        (TEXT.encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("latin-1"), "Windows-1252"),
        (TEXT.encode("cp1252"), "Windows-1252"),
    ],
)
def test_text_is_what_was_written(content: bytes, encoding: str) -> None:
    assert decoded(content) == (TEXT, encoding)


@pytest.mark.parametrize("content", [b"", b"\xff", b"\xff\xfe\x00", b"\x81\x8d" * 10, bytes(range(256))])
def test_no_bytes_are_too_odd(content: bytes) -> None:
    text, _ = decoded(content)

    assert len(text) <= len(content)
