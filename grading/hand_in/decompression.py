"""What a tar or a single file is packed with, told by its first bytes; memory is bounded, whatever the header asks."""

import bz2
import gzip
import lzma
import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, Final, Protocol, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["DecompressionError", "decompressed", "is_packed", "zstd"]

#: What unreadable ones raise.
DecompressionError: Final = (EOFError, zlib.error, lzma.LZMAError, zstd.ZstdError)
_CHUNK: Final = 64 << 10
#: Of xz's dictionary: the highest preset takes 65 MB (xz(1)).
_XZ_MEMORY: Final = 96 << 20
#: Of zstd's window, as a power of two: what `zstd -d` takes without being told to (zstd(1), --long).
_ZSTD_WINDOW: Final = 27


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def _xz() -> _Decompressor:
    return lzma.LZMADecompressor(memlimit=_XZ_MEMORY)


def _zstd() -> _Decompressor:
    options: Mapping[Any, int] = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW}
    return cast("_Decompressor", zstd.ZstdDecompressor(options=options))


_BY_MAGIC: Final[Mapping[bytes, Callable[[], _Decompressor]]] = {
    b"BZh": cast("Callable[[], _Decompressor]", bz2.BZ2Decompressor),
    b"\xfd7zXZ\x00": _xz,
    # The form before xz, of its usual settings (xz(1), --format=lzma).
    b"\x5d\x00\x00": _xz,
    b"\x28\xb5\x2f\xfd": _zstd,
}
_GZIP: Final = b"\x1f\x8b"


def is_packed(magic: bytes) -> bool:
    """Say whether these first bytes are those of something packed that is read here."""
    return magic.startswith((_GZIP, *_BY_MAGIC))


def decompressed(packed: BinaryIO) -> BinaryIO:
    """Return a stream of what is packed inside; the very stream where nothing is."""
    magic = packed.read(6)
    packed.seek(0)
    if magic.startswith(_GZIP):
        return cast("BinaryIO", gzip.GzipFile(fileobj=packed))
    made = next((make for start, make in _BY_MAGIC.items() if magic.startswith(start)), None)
    return packed if made is None else cast("BinaryIO", _Stream(packed, made))


class _Stream:
    """Reads through one decompressor after the other, as several packed files may stand in a row."""

    def __init__(self, packed: BinaryIO, make: Callable[[], _Decompressor]) -> None:
        self._packed = packed
        self._make = make
        self._decompressor = make()

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, none at the end.

        Raises:
            EOFError: it ends in the middle.
        """
        while True:
            if self._decompressor.eof:
                rest = self._decompressor.unused_data or self._packed.read(_CHUNK)
                if not rest.strip(b"\0"):
                    return b""
                self._decompressor = self._make()
            else:
                rest = self._packed.read(_CHUNK) if self._decompressor.needs_input else b""
                if not rest and self._decompressor.needs_input:
                    raise EOFError("the packed file ends too early")
            if content := self._decompressor.decompress(rest, size):
                return content
