"""What firmware stores beside its image: NVS values and files, with the places of all their pieces."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kitbench.flash_format import fat, nvs, spiffs
from kitbench.flash_format.partition_table import Partition, PartitionType
from kitbench.forensics.layout import littlefs_reader

_SUBTYPE_NVS: Final = 0x02
_SUBTYPE_FAT: Final = 0x81
_SUBTYPE_SPIFFS: Final = 0x82
_SUBTYPE_LITTLEFS: Final = 0x83
#: More values in one partition are an attack, or more pieces of them than pages of 128 bytes; the raw scans cover their
#: bytes all the same.
MAX_VALUES: Final = 20_000
LEAST_PAGE: Final = 128
MAX_EXTRA_PIECES: Final = 4096


class _NvsLimitError(Exception):
    """A partition has more NVS entries than are read."""


class StorageLimitError(Exception):
    """A partition claims to hold more than is read; the text is one line, `values` is what was read."""

    def __init__(self, reason: str, values: list["StoredValue"]) -> None:
        """Keep what was read."""
        super().__init__(reason)
        self.values = values


@dataclass(frozen=True, slots=True)
class StoredValue:
    """An NVS value or a file; `pieces` are (flash offset, size) in order.

    Attributes:
        storage: ``nvs``, ``spiffs``, ``littlefs`` or ``fat``.
        name: ``namespace/key``, or a path.
    """

    storage: str
    name: str
    is_erased: bool
    pieces: tuple[tuple[int, int], ...]

    @property
    def title(self) -> str:
        """Storage and name, and whether it was erased."""
        return f"{self.storage}:{self.name}" + (" (erased)" if self.is_erased else "")

    def __contains__(self, offset: int) -> bool:
        return any(begin <= offset < begin + size for begin, size in self.pieces)


def stored_values(partition: Partition, data: bytes) -> list[StoredValue]:
    """Return what a data partition holds, by its subtype or, for LittleFS, by its magic as well.

    Raises:
        StorageLimitError: it claims more values or pieces than any honest partition has.
    """
    if partition.kind != PartitionType.DATA:
        return []
    values: list[StoredValue] = []
    pieces = 0
    most_pieces = MAX_EXTRA_PIECES + len(data) // LEAST_PAGE
    try:
        for value in _values(partition, data):
            pieces += len(value.pieces)
            if len(values) >= MAX_VALUES or pieces > most_pieces:
                what = f"more than {MAX_VALUES:,} values or {most_pieces:,} pieces of them in {value.storage}"
                raise StorageLimitError(f"partition {partition.name!r}: {what}: not all were joined", values)
            moved = tuple((partition.offset + offset, size) for offset, size in value.pieces)
            values.append(StoredValue(value.storage, value.name, value.is_erased, moved))
    except (_NvsLimitError, fat.FatLimitError, littlefs_reader.LittleFsError) as error:
        raise StorageLimitError(f"partition {partition.name!r}: {error}: not all were joined", values) from error
    return values


def _values(partition: Partition, data: bytes) -> Iterator[StoredValue]:
    """Yield values with pieces relative to the partition."""
    if partition.subtype == _SUBTYPE_NVS:
        content = nvs.parse(data)
        for value in content.values():
            yield StoredValue("nvs", value.name, value.is_erased, value.pieces)
        if not content.is_whole:
            raise _NvsLimitError(f"more than {nvs.MAX_ENTRIES:,} entries in nvs")
    elif partition.subtype == _SUBTYPE_LITTLEFS or littlefs_reader.is_littlefs(data):
        for found in littlefs_reader.files(data):
            yield StoredValue("littlefs", found.name, is_erased=False, pieces=found.pieces)
    elif partition.subtype == _SUBTYPE_SPIFFS:
        for file in spiffs.files(data):
            yield StoredValue("spiffs", file.name, file.is_deleted, file.pieces)
    elif partition.subtype == _SUBTYPE_FAT:
        for entry in fat.files(data):
            yield StoredValue("fat", entry.name, entry.is_deleted, entry.pieces)
