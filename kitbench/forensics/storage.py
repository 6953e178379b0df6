"""What firmware stores beside its image: NVS values and files, with the places of all their pieces."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kitbench.flash_format import fat, nvs, spiffs
from kitbench.flash_format.partition_table import Partition, PartitionType
from kitbench.forensics import littlefs_reader

_SUBTYPE_NVS: Final = 0x02
_SUBTYPE_FAT: Final = 0x81
_SUBTYPE_SPIFFS: Final = 0x82
_SUBTYPE_LITTLEFS: Final = 0x83
_LITTLEFS_MAGIC: Final = b"littlefs"
#: More values, or pieces of them, in one partition are an attack; the raw scans cover their bytes all the same.
MAX_VALUES: Final = 20_000
MAX_PIECES: Final = 200_000


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
    try:
        for value in _values(partition, data):
            pieces += len(value.pieces)
            if len(values) >= MAX_VALUES or pieces > MAX_PIECES:
                what = f"more than {MAX_VALUES:,} values or {MAX_PIECES:,} pieces of them in {value.storage}"
                raise StorageLimitError(f"partition {partition.name!r}: {what}: not all were joined", values)
            moved = tuple((partition.offset + offset, size) for offset, size in value.pieces)
            values.append(StoredValue(value.storage, value.name, value.is_erased, moved))
    except (fat.FatLimitError, littlefs_reader.LittleFsTimeoutError) as error:
        raise StorageLimitError(f"partition {partition.name!r}: {error}: not all were joined", values) from error
    return values


def _values(partition: Partition, data: bytes) -> Iterator[StoredValue]:
    """Yield values with pieces relative to the partition."""
    if partition.subtype == _SUBTYPE_NVS:
        for value in nvs.parse(data).values():
            yield StoredValue("nvs", value.name, value.is_erased, value.pieces)
    elif partition.subtype == _SUBTYPE_LITTLEFS or _LITTLEFS_MAGIC in (data[8:16], data[4104:4112]):
        for found in littlefs_reader.files(data) or ():
            yield StoredValue("littlefs", found.name, is_erased=False, pieces=littlefs_reader.pieces(data, found.data))
    elif partition.subtype == _SUBTYPE_SPIFFS:
        for file in spiffs.files(data):
            yield StoredValue("spiffs", file.name, file.is_deleted, file.pieces)
    elif partition.subtype == _SUBTYPE_FAT:
        for entry in fat.files(data):
            yield StoredValue("fat", entry.name, entry.is_deleted, entry.pieces)
