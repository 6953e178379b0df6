"""SLIP frames, good and bad."""

from hypothesis import given
from hypothesis import strategies as st

from kitbench.virtual_kit.loaders.slip import MAX_FRAME_SIZE, SlipDecoder, encode


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=8), st.integers(1, 50))
def test_frames_come_back_however_the_stream_is_cut(payloads: list[bytes], step: int) -> None:
    stream = b"".join(encode(payload) for payload in payloads)
    decoder = SlipDecoder()

    frames = [frame for at in range(0, len(stream), step) for frame in decoder.feed(stream[at : at + step])]

    assert frames == payloads


@given(st.lists(st.binary(max_size=2000), max_size=20))
def test_any_bytes_are_survived_and_the_decoder_still_works(pieces: list[bytes]) -> None:
    decoder = SlipDecoder()
    for piece in pieces:
        decoder.feed(piece)

    frames = decoder.feed(encode(b"first") + encode(b"second"))

    assert frames[-1:] == [b"second"]


def test_text_between_frames_is_ignored() -> None:
    """device-facts, ROM loader replies: "Text between frames is ignored"."""
    frames = SlipDecoder().feed(b"noise" + encode(b"one") + b"ets Jul 29 2019" + encode(b"two"))

    assert frames == [b"one", b"two"]


def test_empty_frame_opens_the_next_one() -> None:
    assert SlipDecoder().feed(b"\xc0\xc0\xc0abc\xc0") == [b"abc"]


def test_wrong_escape_drops_the_frame_and_no_other() -> None:
    assert SlipDecoder().feed(b"\xc0a\xdbb\xc0" + encode(b"good")) == [b"good"]


def test_escape_at_the_frame_end_is_wrong() -> None:
    assert SlipDecoder().feed(b"\xc0a\xdb\xc0" + encode(b"good")) == [b"good"]


def test_escape_split_between_reads_is_understood() -> None:
    decoder = SlipDecoder()

    assert decoder.feed(b"\xc0a\xdb") == []
    assert decoder.feed(b"\xdcb\xc0") == [b"a\xc0b"]


def test_endless_frame_takes_bounded_memory() -> None:
    decoder = SlipDecoder()
    decoder.feed(b"\xc0")
    for _ in range(100):
        decoder.feed(bytes(0x10000))

    assert len(decoder._partial) <= MAX_FRAME_SIZE
    assert decoder.feed(b"\xc0" + encode(b"next")) == [b"next"]
