"""Partitions made to keep the readers of NVS, SPIFFS, FAT and LittleFS busy, or to take their memory."""

import struct
import zlib
from collections.abc import Callable
from typing import Any, Final

import littlefs

from kitbench.flash_format import nvs, spiffs
from kitbench.forensics.canaries.storage_disguise import nvs_entry, nvs_page, nvs_sized

WRITTEN = 0b10
BLOCK = 4096
NVS, FAT, SPIFFS, LITTLEFS = 0x02, 0x81, 0x82, 0x83


def nvs_of_numbers(size: int) -> bytes:
    """Return pages full of the smallest values."""
    items = [(nvs_entry(1, nvs.EntryType.U8, f"n{index}", b"\x01"), WRITTEN) for index in range(nvs.ENTRIES_PER_PAGE)]
    return nvs_page(0, items) * (size // nvs.PAGE_SIZE)


def nvs_of_one_blob(size: int) -> bytes:
    """Return pages that all hold copies of the same chunks: each blob is joined in many ways."""
    chunks = [(nvs_sized(1, nvs.EntryType.BLOB_DATA, "key", b"\xa5" * 32, chunk=chunk), WRITTEN) for chunk in range(63)]
    return nvs_page(0, chunks) * (size // nvs.PAGE_SIZE)


def _spiffs(size: int, headers: Callable[[int], tuple[int, int]]) -> bytes:
    pages = bytearray()
    for index in range(size // spiffs.PAGE_SIZE):
        identifier, span = headers(index)
        pages += struct.pack("<HHB", identifier, span, 0xFC).ljust(spiffs.PAGE_SIZE, b"\xa5")
    return bytes(pages)


def spiffs_of_one_file(size: int) -> bytes:
    """Return a partition all of whose pages are copies of a hundred pages of one file."""
    return _spiffs(size, lambda index: (1, index % 100))


def spiffs_of_long_file(size: int) -> bytes:
    """Return a partition all of whose pages belong to one file, a few of them twice."""
    return _spiffs(size, lambda index: (1, index % (size // spiffs.PAGE_SIZE - 100)))


def spiffs_of_many_files(size: int) -> bytes:
    """Return a partition with a file in each page."""
    return _spiffs(size, lambda index: (1 + index % 0x7FFE, 0))


def _fat(size: int, root: bytes, cluster: bytes) -> bytes:
    """Return a FAT16 volume of clusters of 4 KB, each of which leads to the next, all with the same content."""
    sectors = size // BLOCK
    fat_sectors = -(-2 * sectors // BLOCK)
    root_sectors = 32
    boot = bytearray(BLOCK)
    boot[11:24] = struct.pack("<HBHBHHBH", BLOCK // 8, 1, 8, 1, root_sectors * BLOCK // 32, 0, 0xF8, 8 * fat_sectors)
    boot[32:36] = (8 * sectors).to_bytes(4, "little")
    boot[510:512] = b"\x55\xaa"
    table = b"".join(struct.pack("<H", (index + 1) & 0xFFFF) for index in range(fat_sectors * BLOCK // 2))
    head = bytes(boot) + table + root.ljust(root_sectors * BLOCK, b"\0")[: root_sectors * BLOCK]
    return head + (cluster * (size // len(cluster)))[: size - len(head)]


def _fat_entry(index: int, attributes: int, first: int, size: int) -> bytes:
    return b"%08d   " % index + bytes([attributes]) + bytes(14) + struct.pack("<HI", first, size)


def fat_of_long_files(size: int) -> bytes:
    """Return a volume with thousands of files, each of them all clusters long."""
    return _fat(size, b"".join(_fat_entry(index, 0x20, 2, size) for index in range(4000)), b"\xa5" * 512)


def fat_of_folders_in_folders(size: int) -> bytes:
    """Return a volume whose folders all hold folders, the same ones over and over."""
    folders = b"".join(_fat_entry(index, 0x10, 2 + index, 0) for index in range(16))
    return _fat(size, folders * 256, folders)


def _littlefs(size: int, files: dict[str, bytes]) -> bytearray:
    file_system: Any = littlefs.LittleFS(block_size=BLOCK, block_count=size // BLOCK)
    for name, data in files.items():
        with file_system.open(name, "wb") as file:
            file.write(data)
    return bytearray(file_system.context.buffer)


def littlefs_of_many_files(size: int) -> bytes:
    """Return a file system with more files than are read."""
    return bytes(_littlefs(size, {f"{index}": b"%d" % index * 3 for index in range(2100)}))


def littlefs_of_one_content(size: int) -> bytes:
    """Return a file system whose blocks are all alike, with hundreds of small files of the same content."""
    small = {f"{index}": b"\xa5" * 300 for index in range(300)}
    return bytes(_littlefs(size, {"long": b"\xa5" * (size * 3 // 4), **small}))


def littlefs_of_lying_size(size: int) -> bytes:
    """Return a file system with a file that claims to have two gigabytes."""
    content = b"\xa5" * 9000
    image = _littlefs(size, {"key.pem": content})
    for block in (0, BLOCK):
        at = image.find(struct.pack("<I", len(content)), block, block + BLOCK)
        if at >= 0:
            image[at : at + 4] = struct.pack("<I", 0x7FFFFFFF)
            _sign(image, block)
    return bytes(image)


def _sign(image: bytearray, block: int) -> None:
    """Correct the checksums of a metadata block (littlefs, SPEC.md, "Metadata tags", "CRC tag")."""
    at, tag, begin, crc = block + 4, 0xFFFFFFFF, block, 0xFFFFFFFF
    while at < block + BLOCK:
        tag ^= int.from_bytes(image[at : at + 4], "big")
        if tag >> 31:
            return  # erased
        kind, length = tag >> 20 & 0x7FF, tag & 0x3FF
        if kind >> 8 == 5 and kind != 0x5FF:  # a CRC, not that of what follows the commit
            crc = zlib.crc32(image[begin : at + 4], crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
            image[at + 4 : at + 8] = crc.to_bytes(4, "little")
            begin, crc = at + 4 + length, 0xFFFFFFFF
        at += 4 + (0 if length == 0x3FF else length)


#: Name → subtype of the partition, and maker of so many bytes.
HOSTILE_STORAGE: Final[dict[str, tuple[int, Callable[[int], bytes]]]] = {
    "NVS numbers": (NVS, nvs_of_numbers),
    "NVS copies of a blob": (NVS, nvs_of_one_blob),
    "SPIFFS copies of a file": (SPIFFS, spiffs_of_one_file),
    "SPIFFS long file": (SPIFFS, spiffs_of_long_file),
    "SPIFFS many files": (SPIFFS, spiffs_of_many_files),
    "FAT long files": (FAT, fat_of_long_files),
    "FAT folders": (FAT, fat_of_folders_in_folders),
    "LittleFS many files": (LITTLEFS, littlefs_of_many_files),
    "LittleFS one content": (LITTLEFS, littlefs_of_one_content),
    "LittleFS lying size": (LITTLEFS, littlefs_of_lying_size),
}
