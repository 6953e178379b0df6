"""Archives that are not read here, told by their own headers: what is only called so is a damaged file like any other.

Nobody loses a point for a real one; a file of a few bytes with its name or its first letters is no refuge.
7zFormat.txt of the LZMA SDK; rarlab.com/technote.htm for RAR 5; the sources of unrar for what was before.
"""

import re
import struct
import sys
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

#: Called so, and by nothing in it to be told from any other file: Brotli has no header.
UNMARKED_SUFFIXES: Final = (".br",)
FOREIGN_SUFFIXES: Final = (
    *(".7z", ".rar", ".tar.lz", ".lz", ".tar.z", ".cab", ".lz4", ".arj", ".lzh", ".lha", ".ace", ".iso", ".dmg"),
    *(".zipx", ".sitx", ".cpio", ".alz", ".wim", *UNMARKED_SUFFIXES),
)
#: No archive with a file in it is smaller.
_SMALLEST: Final = 48
_HEAD: Final = 0x8001 + 5  # ISO 9660 stands behind a system area of 32 KB
_SIGNS: Final = (
    *((0, b"LZIP", "lzip"), (0, b"\x1f\x9d", "compress (.Z)"), (0, b"MSCF", "cab"), (0, b"\x04\x22\x4d\x18", "lz4")),
    *((0, b"xar!", "xar"), (0, b"!<arch>", "ar"), (0, b"\x60\xea", "arj"), (2, b"-lh", "lzh"), (7, b"**ACE**", "ace")),
    *((0x8001, b"CD001", "iso"), (0, b"StuffIt", "sitx"), (0, b"SIT!", "sit"), (0, b"07070", "cpio")),
    *((0, b"\xc7\x71", "cpio"), (0, b"ALZ\x01", "alz"), (0, b"MSWIM\0", "wim")),
)
_DMG_TRAILER: Final = 512
#: No header of RAR 5 is longer than 2 MB, whose length takes three bytes.
_LENGTH_BYTES: Final = 3
#: The last part of the name of one volume of several: the first has the header, and what that names is elsewhere.
_VOLUME: Final = re.compile(r"\.[0-9]{3}")


def foreign_kind(source: Path) -> str:
    """Return of which kind an archive is that is not read here; "" for all else, damaged ones among it."""
    size = source.stat().st_size
    if size < _SMALLEST:
        return ""
    with source.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, size - _DMG_TRAILER))
        is_dmg = file.read(4) == b"koly"
    for start, (kind, is_real) in _BY_HEADER.items():
        if head.startswith(start):
            return kind if is_real(head, sys.maxsize if _VOLUME.fullmatch(source.suffix) else size) else ""
    if is_dmg:
        return "dmg"
    return next((kind for at, sign, kind in _SIGNS if head.startswith(sign, at)), "")


def _is_seven_zip(head: bytes, size: int) -> bool:
    """Whether the start header is sound, and what it says is there."""
    (checksum,) = struct.unpack_from("<I", head, 8)
    offset, length = struct.unpack_from("<QQ", head, 12)
    return bool(zlib.crc32(head[12:32]) == checksum and length and offset + length + 32 <= size)


def _is_rar5(head: bytes, _size: int) -> bool:
    """Whether the checksum of the first block is right; its length has seven bits in a byte, the lowest first."""
    (checksum,) = struct.unpack_from("<I", head, 8)
    length, begin = 0, 12
    for place in range(_LENGTH_BYTES):
        length |= (head[begin] & 0x7F) << (7 * place)
        begin += 1
        if head[begin - 1] < 0x80:
            break
    return length > 0 and zlib.crc32(head[12 : begin + length]) == checksum


def _is_rar4(head: bytes, _size: int) -> bool:
    """Whether the checksum of the first block is right."""
    checksum, _, _, length = struct.unpack_from("<HBHH", head, 7)
    return bool(length and zlib.crc32(head[9 : 7 + length]) & 0xFFFF == checksum)


_BY_HEADER: Final[Mapping[bytes, tuple[str, Callable[[bytes, int], bool]]]] = {
    b"7z\xbc\xaf\x27\x1c": ("7z", _is_seven_zip),
    b"Rar!\x1a\x07\x01\x00": ("rar", _is_rar5),
    b"Rar!\x1a\x07\x00": ("rar", _is_rar4),
}
