"""Escapes of each language are undone at their places, and a text without any is left alone."""

import html
import json
import quopri
import urllib.parse

import pytest

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.texts.escapes import unescaped_layers

SECRET = bytes(range(90, 190))
#: Each in its language, with the form of the layer that shows it.
ESCAPED = {
    "C, hexadecimal": (b"".join(b"\\x%02X" % byte for byte in SECRET), "unescaped"),
    "C, octal": (b"".join(b"\\%o" % byte for byte in SECRET), "unescaped"),
    "JSON": (json.dumps(SECRET.decode("latin-1")).encode(), "unescaped"),
    "Python": (repr(SECRET).encode(), "unescaped"),
    "Rust": (b"".join(b"\\u{%x}" % byte for byte in SECRET), "unescaped"),
    "a URL": (urllib.parse.quote_from_bytes(SECRET, safe="").encode(), "markup"),
    "HTML, hexadecimal": (b"".join(b"&#x%X;" % byte for byte in SECRET), "markup"),
    "HTML, decimal": (b"".join(b"&#%03d;" % byte for byte in SECRET), "markup"),
    "a mail": (quopri.encodestring(SECRET), "quoted_printable"),
}


@pytest.mark.parametrize(("text", "form"), ESCAPED.values(), ids=ESCAPED)
def test_escapes_are_undone_at_their_places(text: bytes, form: str) -> None:
    image = b"\xff\0before: " + text + b" and behind\0\xff"

    (layer,) = [layer for layer in unescaped_layers(Layer(image)) if SECRET in layer.data]

    at = layer.data.index(SECRET)
    assert layer.form == form
    assert image[layer.origin(at) :].startswith(text.lstrip(b"\"'b")[:4])
    assert layer.extent(at, at + len(SECRET))[1] <= image.index(b" and behind")


def test_tags_comments_and_colours_are_nothing() -> None:
    text = (
        b'<td class="x">30</td><td>77</td> /* two */ \x1b[0;32m02\x1b[0m &quot;01&quot;' + html.escape(" <&> ").encode()
    )

    (layer,) = unescaped_layers(Layer(text))

    assert layer.data == b'3077  02 "01" <&> '


@pytest.mark.parametrize(
    "text", [b"a line of a log, 100 of them, as firmware has", b"50% of 16 MB & more; x=y, a < b > c " * 2]
)
def test_text_without_escapes_gives_no_layer(text: bytes) -> None:
    assert list(unescaped_layers(Layer(text))) == []
