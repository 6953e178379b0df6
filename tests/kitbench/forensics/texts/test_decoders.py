"""Decoders: what comes out, and where it came from."""

import base64
import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitbench.forensics.canaries.disguise import c_array, decimal_array
from kitbench.forensics.decoding import work_budget
from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.work_budget import WorkBudget
from kitbench.forensics.texts import decoders

SECRET = bytes(range(64, 120))
JUNK = b"\x00\x80junk=\x01"


def layers_of(data: bytes) -> list[Layer]:
    root = Layer(data)
    return [layer for decoder in decoders.decoders(root, WorkBudget(len(data))) for layer in decoder(root)]


@pytest.mark.parametrize(
    ("form", "encoded"),
    [
        ("base64", base64.b64encode(SECRET)),
        ("base64", base64.encodebytes(SECRET * 3)),
        ("base64", base64.encodebytes(SECRET * 3).replace(b"\n", b"\\n")),
        ("base64", base64.encodebytes(SECRET * 3).replace(b"\n", b"\r\n")),
        ("base64", base64.urlsafe_b64encode(b"\xfb\xff" + SECRET).rstrip(b"=")),
        ("hex", SECRET.hex().encode()),
        ("hex", SECRET.hex(" ").upper().encode()),
        ("hex", SECRET.hex(":").encode()),
        ("c_array", c_array(SECRET)),
        ("c_array", decimal_array(SECRET)),
        ("c_array", str([byte - 256 if byte > 100 else byte for byte in SECRET]).encode()),
        ("gzip", gzip.compress(SECRET, mtime=0)),
        ("zlib", zlib.compress(SECRET)),
    ],
)
@pytest.mark.parametrize("shift", range(4))
def test_decoder_undoes_form_at_any_alignment(form: str, encoded: bytes, shift: int) -> None:
    data = b"\x01" * shift + JUNK + encoded + JUNK

    found = [layer for layer in layers_of(data) if layer.form == form and SECRET in layer.data]

    assert found
    begin, end = found[0].extent(0, len(found[0].data))
    assert begin >= shift + len(JUNK) - 1
    assert end <= len(data)


@pytest.mark.parametrize("prefix", [b"a", b"ab", b"abc", b"abcd"])
def test_base64_behind_other_digits_is_decoded_at_its_phase(prefix: bytes) -> None:
    assert any(SECRET in layer.data for layer in layers_of(prefix + base64.b64encode(SECRET)))


def test_base64_offset_leads_back_to_its_digits() -> None:
    text = base64.encodebytes(SECRET * 2)
    data = JUNK + text

    layer = next(layer for layer in layers_of(data) if layer.data.startswith(SECRET))
    begin, _ = layer.extent(57, 60)

    assert begin == len(JUNK) + text.index(b"\n") + 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_becomes_ascii(encoding: str) -> None:
    text = "-----BEGIN EC PRIVATE KEY----- and more"

    assert any(text.encode() in layer.data for layer in layers_of(JUNK + text.encode(encoding)))


def test_compressed_stream_ends_where_it_ends() -> None:
    packed = zlib.compress(SECRET * 9)
    data = JUNK + packed + bytes(range(200)) * 300

    layer = next(layer for layer in layers_of(data) if layer.form == "zlib" and SECRET in layer.data)

    assert layer.extent(0, 5) == (len(JUNK), len(JUNK) + len(packed))


@pytest.mark.parametrize("size", [work_budget.MAX_INFLATED, 64 << 20])
def test_deflate_stops_at_its_limit_and_says_so(size: int) -> None:
    bomb = zlib.compress(bytes(size), 9)
    work = WorkBudget(len(bomb))

    (layer,) = decoders.deflate_layers(Layer(bomb), work)

    assert len(layer.data) == work_budget.MAX_INFLATED
    assert (work.exhausted is not None) == (size > work_budget.MAX_INFLATED)


def test_cut_stream_gives_what_came_before_the_cut() -> None:
    packed = gzip.compress(SECRET * 50)

    assert any(layer.data.startswith(SECRET) for layer in layers_of(packed[:-10]))


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_decoders_never_raise_and_lead_back_into_the_data(data: bytes) -> None:
    for layer in layers_of(data):
        begin, end = layer.extent(0, len(layer.data))
        assert 0 <= begin <= end <= len(data)


@settings(deadline=None)
@given(st.text(alphabet='0123456789abcdefABCDEFx, \\n"=+/-', max_size=2000))
def test_decoders_survive_text_like_runs(text: str) -> None:
    for layer in layers_of(text.encode()):
        layer.extent(0, max(1, len(layer.data)))
