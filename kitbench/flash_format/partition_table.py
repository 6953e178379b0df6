"""The partition table of ESP-IDF: 32-byte entries, an MD5 row, 0xFF to the end.

Source: ESP-IDF, API guides, "Partition Tables"; `components/partition_table/gen_esp32part.py`.
"""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

#: Where the table stands in flash unless the project moves it (CONFIG_PARTITION_TABLE_OFFSET).
DEFAULT_OFFSET: Final = 0x8000
#: Bytes that entries, MD5 row and padding take; the rest of the 4 KB sector is left for a signature.
TABLE_SIZE: Final = 0xC00
SECTOR_SIZE: Final = 0x1000

_ENTRY: Final = struct.Struct("<2sBBII16sI")
_ENTRY_MAGIC: Final = b"\xaa\x50"
_MD5_MAGIC: Final = b"\xeb\xeb"
_MD5_ROW_BEGIN: Final = _MD5_MAGIC + b"\xff" * 14
_ERASED_ROW: Final = b"\xff" * _ENTRY.size
_FLAG_ENCRYPTED: Final = 1 << 0


class PartitionTableError(ValueError):
    """The bytes are no partition table, or the partitions cannot be written as one."""


class PartitionType(IntEnum):
    """Partition types with a meaning of their own (esp_partition.h, esp_partition_type_t)."""

    APP = 0x00
    DATA = 0x01


class Md5State(Enum):
    """What the table's MD5 row says about the entries before it."""

    GOOD = "good"
    WRONG = "wrong"
    ABSENT = "absent"


#: Names of the subtypes by type (esp_partition.h, esp_partition_subtype_t).
SUBTYPE_NAMES: Final[dict[int, dict[int, str]]] = {
    PartitionType.APP: {0x00: "factory", **{0x10 + slot: f"ota_{slot}" for slot in range(16)}, 0x20: "test"},
    PartitionType.DATA: {
        0x00: "ota",
        0x01: "phy",
        0x02: "nvs",
        0x03: "coredump",
        0x04: "nvs_keys",
        0x05: "efuse",
        0x06: "undefined",
        0x80: "esphttpd",
        0x81: "fat",
        0x82: "spiffs",
        0x83: "littlefs",
    },
}


@dataclass(frozen=True, slots=True)
class Partition:
    """One entry; `offset` and `size` are bytes of the flash, `kind` and `subtype` numbers as in the entry."""

    name: str
    kind: int
    subtype: int
    offset: int
    size: int
    flags: int = 0

    @property
    def end(self) -> int:
        """The first offset behind the partition."""
        return self.offset + self.size

    @property
    def is_app(self) -> bool:
        """Whether the boot loader may start it."""
        return self.kind == PartitionType.APP

    @property
    def is_encrypted(self) -> bool:
        """Whether it is marked for flash encryption."""
        return bool(self.flags & _FLAG_ENCRYPTED)

    @property
    def subtype_name(self) -> str:
        """The subtype's name, or its number in hex where it has none."""
        return SUBTYPE_NAMES.get(self.kind, {}).get(self.subtype, f"{self.subtype:#04x}")

    def __contains__(self, offset: int) -> bool:
        return self.offset <= offset < self.end


@dataclass(frozen=True, slots=True)
class PartitionTable:
    """The partitions in table order, and whether the MD5 row agrees.

    Attributes:
        partitions: may be empty: an erased sector is a table without entries.
        md5: state of the MD5 row.
        has_end: whether an erased row ends the table, as the boot loader wants it.
    """

    partitions: tuple[Partition, ...]
    md5: Md5State = Md5State.GOOD
    has_end: bool = True

    def find(self, name: str) -> Partition | None:
        """Return the partition of that name."""
        return next((partition for partition in self.partitions if partition.name == name), None)

    def at(self, offset: int) -> Partition | None:
        """Return the first partition that covers the flash offset."""
        return next((partition for partition in self.partitions if offset in partition), None)

    @property
    def apps(self) -> tuple[Partition, ...]:
        """The app partitions in table order."""
        return tuple(partition for partition in self.partitions if partition.is_app)


def parse(data: bytes) -> PartitionTable:
    """Read the table at the start of `data`; at most `TABLE_SIZE` bytes are looked at.

    A wrong MD5 row and a missing end are told in the result, for the boot loader has messages of its own for them.

    Raises:
        PartitionTableError: a row is neither an entry, nor the MD5 row, nor erased; it names the row.
    """
    partitions: list[Partition] = []
    md5 = Md5State.ABSENT
    table = data[:TABLE_SIZE]
    for row_offset in range(0, len(table) - _ENTRY.size + 1, _ENTRY.size):
        row = table[row_offset : row_offset + _ENTRY.size]
        if row == _ERASED_ROW:
            return PartitionTable(tuple(partitions), md5)
        if row[:2] == _MD5_MAGIC:
            good = row[16:] == hashlib.md5(table[:row_offset], usedforsecurity=False).digest()
            md5 = Md5State.GOOD if good else Md5State.WRONG
        else:
            partitions.append(_parse_entry(row, row_offset))
    return PartitionTable(tuple(partitions), md5, has_end=False)


def _parse_entry(row: bytes, row_offset: int) -> Partition:
    magic, kind, subtype, offset, size, name, flags = _ENTRY.unpack(row)
    if magic != _ENTRY_MAGIC:
        raise PartitionTableError(
            f"row {row_offset // _ENTRY.size} at 0x{row_offset:x} begins with {magic.hex()}, expected aa50"
        )
    text = name.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")
    return Partition(text, kind, subtype, offset, size, flags)


def serialize(partitions: Sequence[Partition]) -> bytes:
    """Return the table as `TABLE_SIZE` bytes, MD5 row included.

    Raises:
        PartitionTableError: a name or number does not fit its field, or there are too many entries.
    """
    rows = b"".join(_serialize_entry(partition) for partition in partitions)
    rows += _MD5_ROW_BEGIN + hashlib.md5(rows, usedforsecurity=False).digest()
    if len(rows) >= TABLE_SIZE:
        raise PartitionTableError(f"{len(partitions)} partitions do not fit into 0x{TABLE_SIZE:x} bytes")
    return rows.ljust(TABLE_SIZE, b"\xff")


def _serialize_entry(partition: Partition) -> bytes:
    name = partition.name.encode()
    if len(name) > 16:  # the field holds 16 bytes, the last of which need not be NUL
        raise PartitionTableError(f"partition name {partition.name!r} is longer than 16 bytes")
    try:
        return _ENTRY.pack(
            _ENTRY_MAGIC, partition.kind, partition.subtype, partition.offset, partition.size, name, partition.flags
        )
    except struct.error as error:
        raise PartitionTableError(f"partition {partition.name!r}: a number does not fit its field") from error
