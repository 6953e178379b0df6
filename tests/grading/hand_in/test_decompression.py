"""Packed files: told by their first bytes, read in a row, and never with more memory than is meant for them."""

import bz2
import gzip
import io
import lzma
import random
from collections.abc import Callable

import pytest

from grading.hand_in.decompression import DecompressionError, decompressed, zstd

CONTENT = random.Random(5).randbytes(300_000) + bytes(300_000)
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "xz, largest": lambda content: lzma.compress(content, preset=9),
    "zstd": zstd.compress,
    "nothing": bytes,
}


def read_all(packed: bytes) -> bytes:
    stream = decompressed(io.BytesIO(packed))
    return b"".join(iter(lambda: stream.read(5000), b""))


@pytest.mark.parametrize("packer", PACKERS)
def test_content_comes_back(packer: str) -> None:
    assert read_all(PACKERS[packer](CONTENT)) == CONTENT


@pytest.mark.parametrize("packer", [name for name in PACKERS if name != "nothing"])
def test_several_in_a_row_are_one(packer: str) -> None:
    assert read_all(PACKERS[packer](b"one ") + PACKERS[packer](b"two")) == b"one two"


@pytest.mark.parametrize("packer", [name for name in PACKERS if name != "nothing"])
def test_cut_one_is_damaged(packer: str) -> None:
    with pytest.raises(DecompressionError):
        read_all(PACKERS[packer](CONTENT)[:-20])


def test_memory_that_a_header_asks_for_is_not_given() -> None:
    # One byte is packed, 200 MB are asked for.
    packed = lzma.compress(b"x", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 200 << 20}])

    with pytest.raises(lzma.LZMAError, match=r"[Mm]emory"):
        read_all(packed)


def test_window_that_a_zstd_frame_asks_for_is_not_given() -> None:
    options: dict[int, int] = {zstd.CompressionParameter.window_log: 31, zstd.CompressionParameter.content_size_flag: 0}
    packer = zstd.ZstdCompressor(options=options)
    packed = packer.compress(b"x" * 100) + packer.flush()

    with pytest.raises(zstd.ZstdError):
        read_all(packed)
