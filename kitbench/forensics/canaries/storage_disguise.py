"""Small partitions that hold a given secret in pieces, as ESP-IDF would have written it: for canaries and tests.

NVS is made here, file systems in `file_disguise`.
"""

import struct
import zlib
from collections.abc import Callable
from typing import Final

from kitbench.flash_format import nvs
from kitbench.flash_format.partition_table import Partition, PartitionType
from kitbench.forensics.canaries.file_disguise import fat_file, littlefs_file, spiffs_file, wear_levelled

_WRITTEN: Final = 0b10
_ERASED: Final = 0b00
_FILLER: Final = 0x15


def _crc(data: bytes) -> int:
    return zlib.crc32(data, 0xFFFFFFFF)


def nvs_entry(namespace: int, kind: int, key: str, value: bytes, extent: tuple[int, int] = (1, 0xFF)) -> bytes:
    """Return the 32 bytes of an entry; `value` are the eight of its value field, `extent` is span and chunk."""
    head = struct.pack("<BBBB", namespace, kind, *extent)
    tail = key.encode().ljust(16, b"\0") + value.ljust(8, b"\xff")
    return head + struct.pack("<I", _crc(head + tail)) + tail


def nvs_sized(namespace: int, kind: int, key: str, data: bytes, *, chunk: int = 0xFF) -> bytes:
    """Return the entries of a string or of a blob's chunk."""
    padded = data.ljust(-(-len(data) // 32) * 32, b"\xff")
    value = struct.pack("<HHI", len(data), 0xFFFF, _crc(data))
    return nvs_entry(namespace, kind, key, value, (1 + len(padded) // 32, chunk)) + padded


def nvs_page(sequence: int, items: list[tuple[bytes, int]]) -> bytes:
    """Return a page of (entries, state) pairs; the state is the two bits of the bitmap."""
    bits = [state for data, state in items for _ in range(len(data) // 32)]
    bitmap = bytearray(b"\xff" * 32)
    for index, state in enumerate(bits):
        bitmap[index // 4] &= ~(0b11 << (index % 4 * 2)) & 0xFF | state << (index % 4 * 2)
    header = struct.pack("<IB19x", sequence, 0xFE).replace(b"\0" * 19, b"\xff" * 19)
    page = struct.pack("<I", nvs.PageState.FULL) + header + struct.pack("<I", _crc(header))
    return (page + bytes(bitmap) + b"".join(data for data, _ in items)).ljust(nvs.PAGE_SIZE, b"\xff")


def nvs_split_blob(secret: bytes, *, is_erased: bool = False) -> bytes:
    """Return NVS whose blob begins at the end of one page and goes on in the next."""
    state = _ERASED if is_erased else _WRITTEN
    cut = min(len(secret) // 2 // 32 * 32, 64 * 32) or 32
    name = nvs_entry(0, nvs.EntryType.U8, "aws", b"\x01")
    room = nvs.ENTRIES_PER_PAGE - 1 - (1 + cut // 32)
    filler = nvs_sized(1, nvs.EntryType.STRING, "filler", bytes([_FILLER]) * (32 * (room - 1) - 1) + b"\0")
    first = nvs_sized(1, nvs.EntryType.BLOB_DATA, "key", secret[:cut], chunk=0)
    second = nvs_sized(1, nvs.EntryType.BLOB_DATA, "key", secret[cut:], chunk=1)
    index = nvs_entry(1, nvs.EntryType.BLOB_INDEX, "key", struct.pack("<IBBH", len(secret), 2, 0, 0xFFFF))
    return nvs_page(0, [(name, _WRITTEN), (filler, _WRITTEN), (first, state)]) + nvs_page(
        1, [(second, state), (index, state)]
    )


#: Name of the form → partition subtype and maker.
STORAGE_FORMS: Final[dict[str, tuple[int, Callable[[bytes], bytes]]]] = {
    "nvs_split_blob": (0x02, nvs_split_blob),
    "nvs_split_blob_erased": (0x02, lambda secret: nvs_split_blob(secret, is_erased=True)),
    "spiffs_file": (0x82, spiffs_file),
    "spiffs_file_deleted": (0x82, lambda secret: spiffs_file(secret, is_deleted=True)),
    "fat_file": (0x81, fat_file),
    "fat_file_levelled": (0x81, lambda secret: wear_levelled(fat_file(secret))),
    "littlefs_file": (0x83, littlefs_file),
}


def partition_of(form: str, secret: bytes, offset: int) -> tuple[Partition, bytes]:
    """Return a partition at a flash offset and its content that holds the secret in a form."""
    subtype, make = STORAGE_FORMS[form]
    data = make(secret)
    return Partition(form, PartitionType.DATA, subtype, offset, len(data)), data
