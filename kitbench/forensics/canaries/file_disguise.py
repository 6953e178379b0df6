"""Small file systems with one file whose content is in pieces: for canaries and tests."""

import struct
from typing import Any, Final

from kitbench.flash_format import fat, spiffs

_SECTOR: Final = fat.SECTOR_SIZE
_FILLER: Final = b"#"
#: FAT12: the last cluster of a file.
_FAT_END: Final = 0xFFF
_FAT_RESERVED: Final = 2
_ROOT_ENTRIES: Final = 128


def spiffs_file(secret: bytes, *, is_deleted: bool = False) -> bytes:
    """Return a SPIFFS partition with one file, its pages in reverse order."""
    flags = 0xFC & (0x7F if is_deleted else 0xFF)
    room = spiffs.PAGE_SIZE - 5
    chunks = [secret[at : at + room] for at in range(0, len(secret), room)]
    pages = [struct.pack("<HHB", 1, span, flags) + chunk.ljust(room, b"\xff") for span, chunk in enumerate(chunks)]
    index = struct.pack("<HHB3xIB", 0x8001, 0, flags, len(secret), 1) + b"/key.pem".ljust(32, b"\0")
    pages = [index.ljust(spiffs.PAGE_SIZE, b"\xff"), *reversed(pages)]
    per_block = spiffs.BLOCK_SIZE // spiffs.PAGE_SIZE - 1
    blocks = []
    for at in range(0, len(pages), per_block):
        body = b"\xff" * spiffs.PAGE_SIZE + b"".join(pages[at : at + per_block])
        blocks.append(body.ljust(spiffs.BLOCK_SIZE, b"\xff"))
    return b"".join(blocks)


def _across_blocks(secret: bytes) -> bytes:
    """Return a content in whose midst, and in that of the secret, a block of 4 KB ends."""
    return _FILLER * max(0, _SECTOR - len(secret) // 2) + secret


def fat_file(secret: bytes) -> bytes:
    """Return a FAT12 volume with one file, its clusters in reverse order."""
    content = _across_blocks(secret)
    chunks = [content[at : at + _SECTOR] for at in range(0, len(content), _SECTOR)]
    first = _FAT_RESERVED + len(chunks) - 1
    boot = bytearray(_SECTOR)
    sectors = 3 + len(chunks)
    boot[11:24] = struct.pack("<HBHBHHBH", _SECTOR, 1, 1, 1, _ROOT_ENTRIES, sectors, 0xF8, 1)
    boot[510:512] = b"\x55\xaa"
    links = sum(
        (cluster - 1 if cluster > _FAT_RESERVED else _FAT_END) << 12 * cluster
        for cluster in range(_FAT_RESERVED, first + 1)
    )
    table = links.to_bytes(_SECTOR, "little")
    root = b"KEY     PEM\x20" + bytes(14) + struct.pack("<HI", first, len(content))
    data = b"".join(chunk.ljust(_SECTOR, b"\0") for chunk in reversed(chunks))
    return bytes(boot) + table + root.ljust(_SECTOR, b"\0") + data


def wear_levelled(volume: bytes) -> bytes:
    """Return a volume as ESP-IDF's wear levelling keeps it: turned by a sector, the dummy sector within."""
    sectors = [volume[at : at + _SECTOR] for at in range(0, len(volume), _SECTOR)]
    turned = [*sectors[1:], sectors[0]]
    physical = [turned[0], b"\xff" * _SECTOR, *turned[1:]]
    moved_once = b"\x11" * 16
    state = struct.pack("<IIII", 0, len(physical), 1, 0).ljust(64, b"\0") + moved_once
    return b"".join(physical) + state.ljust(_SECTOR, b"\xff") * 2 + b"\xff" * _SECTOR


def littlefs_file(secret: bytes) -> bytes:
    """Return a LittleFS partition with one file, in whose midst a block's pointers stand."""
    import littlefs  # noqa: PLC0415 - takes 90 ms, which only a canary shall pay

    content = _across_blocks(secret)
    file_system: Any = littlefs.LittleFS(block_size=_SECTOR, block_count=8 + len(content) // _SECTOR)
    with file_system.open("key.pem", "wb") as file:
        file.write(content)
    return bytes(file_system.context.buffer)
