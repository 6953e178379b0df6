"""The NVS partition of ESP-IDF, read entry by entry, whatever state an entry is in.

Erased and overwritten values stay in flash with valid CRCs, only bits of the page's bitmap change: for a thief they are
as good as written ones, so that this parser gives them all. Damaged pages and entries are skipped, never followed.

Source: ESP-IDF, API reference, "Non-Volatile Storage Library", "Internals"; `components/nvs_flash/src/nvs_types.hpp`.
"""

import itertools
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

PAGE_SIZE: Final = 0x1000
ENTRY_SIZE: Final = 32
ENTRIES_PER_PAGE: Final = 126
_BITMAP_OFFSET: Final = 0x20
_ENTRIES_OFFSET: Final = 0x40
_HEADER: Final = struct.Struct("<IIB19xI")
_ENTRY: Final = struct.Struct("<BBBBI16s8s")
#: Chunk indices of a blob's two generations begin here (VerOffset).
_GENERATIONS: Final = (0x00, 0x80)
#: An erased blob may survive in several copies of each chunk: so many ways of joining them are offered.
_MAX_JOINS: Final = 16
#: Entries beyond this are not read: ESP-IDF keeps them all in an index in RAM, and would run out of it before.
MAX_ENTRIES: Final = 20_000


class PageState(IntEnum):
    """State of a page; each step clears bits (Page::PageState)."""

    UNINITIALIZED = 0xFFFFFFFF
    ACTIVE = 0xFFFFFFFE
    FULL = 0xFFFFFFFC
    FREEING = 0xFFFFFFF8
    CORRUPT = 0xFFFFFFF0
    INVALID = 0


class EntryState(StrEnum):
    """What the bitmap says: 11, 10, 00 in two bits, lowest first; 01 cannot come about by clearing bits in order."""

    EMPTY = "empty"
    WRITTEN = "written"
    ERASED = "erased"
    ILLEGAL = "illegal"


class EntryType(IntEnum):
    """Type of a value (ItemType)."""

    U8 = 0x01
    I8 = 0x11
    U16 = 0x02
    I16 = 0x12
    U32 = 0x04
    I32 = 0x14
    U64 = 0x08
    I64 = 0x18
    STRING = 0x21
    BLOB_V1 = 0x41
    BLOB_DATA = 0x42
    BLOB_INDEX = 0x48


_STATES: Final = {3: EntryState.EMPTY, 2: EntryState.WRITTEN, 0: EntryState.ERASED, 1: EntryState.ILLEGAL}
_SIZED: Final = frozenset({EntryType.STRING, EntryType.BLOB_V1, EntryType.BLOB_DATA})


@dataclass(frozen=True, slots=True)
class Page:
    """A page's header; `offset` is of the partition."""

    offset: int
    state: int
    sequence: int
    version: int
    is_header_sound: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One value, or one chunk of a blob.

    Attributes:
        offset: of the 32-byte entry in the partition; its data, if any, begin at `data_offset`.
        type: a number of `EntryType`, or one that this parser does not know.
        data: of numbers the eight bytes of the value field, of strings and blobs what follows the entry.
        is_data_sound: the data's own CRC agrees; true where there is none.
    """

    offset: int
    state: EntryState
    namespace_index: int
    type: int
    span: int
    chunk: int
    key: str
    data: bytes
    data_offset: int
    is_data_sound: bool


@dataclass(frozen=True, slots=True)
class Value:
    """A string, number or whole blob by name; `pieces` are its (partition offset, size) in order."""

    namespace: str
    key: str
    type: int
    is_erased: bool
    data: bytes
    pieces: tuple[tuple[int, int], ...]

    @property
    def name(self) -> str:
        """Namespace and key as people write them."""
        return f"{self.namespace}/{self.key}"


@dataclass(frozen=True, slots=True)
class NvsPartition:
    """All pages and all entries with a sound CRC, in flash order.

    Attributes:
        damaged: entries that the bitmap calls written but whose CRC is wrong; many of them mean encrypted NVS.
        is_whole: whether all entries were read; no page is once there are `MAX_ENTRIES`.
    """

    pages: tuple[Page, ...]
    entries: tuple[Entry, ...]
    damaged: int
    is_whole: bool = True

    @property
    def is_nvs(self) -> bool:
        """Whether any page has a sound header."""
        return any(page.is_header_sound for page in self.pages)

    def namespaces(self) -> dict[int, str]:
        """Return the names of namespace indices, erased ones included."""
        return {
            entry.data[0]: entry.key
            for entry in self.entries
            if entry.namespace_index == 0 and entry.type == EntryType.U8 and entry.data
        }

    def values(self) -> Iterator[Value]:
        """Yield each value, erased ones too; the chunks of blobs are joined."""
        names = self.namespaces()
        for entry in self.entries:
            if entry.namespace_index and entry.type not in {EntryType.BLOB_DATA, EntryType.BLOB_INDEX}:
                yield _value(names, (entry,))
        yield from self._blobs(names)

    def _blobs(self, names: dict[int, str]) -> Iterator[Value]:
        chunks: dict[tuple[int, str, int], dict[int, list[Entry]]] = {}
        for entry in self.entries:
            if entry.type == EntryType.BLOB_DATA:
                generation = _GENERATIONS[entry.chunk >= _GENERATIONS[1]]
                blob = chunks.setdefault((entry.namespace_index, entry.key, generation), {})
                blob.setdefault(entry.chunk, []).append(entry)
        for blob in chunks.values():
            copies = [blob[chunk] for chunk in sorted(blob)]
            for join in itertools.islice(itertools.product(*copies), _MAX_JOINS):
                yield _value(names, join)


def _value(names: dict[int, str], entries: tuple[Entry, ...]) -> Value:
    first = entries[0]
    return Value(
        namespace=names.get(first.namespace_index, str(first.namespace_index)),
        key=first.key,
        type=first.type,
        is_erased=any(entry.state is not EntryState.WRITTEN for entry in entries),
        data=b"".join(entry.data for entry in entries),
        pieces=tuple((entry.data_offset, len(entry.data)) for entry in entries),
    )


def parse(partition: bytes) -> NvsPartition:
    """Read every page of the partition; anything that is no page gives no entries."""
    pages: list[Page] = []
    entries: list[Entry] = []
    damaged = 0
    for offset in range(0, len(partition) - PAGE_SIZE + 1, PAGE_SIZE):
        data = partition[offset : offset + PAGE_SIZE]
        page = _parse_header(data, offset)
        pages.append(page)
        if page.is_header_sound and len(entries) < MAX_ENTRIES:
            found, wrong = _parse_entries(data, offset)
            entries += found
            damaged += wrong
    return NvsPartition(tuple(pages), tuple(entries), damaged, is_whole=len(entries) < MAX_ENTRIES)


def _parse_header(data: bytes, offset: int) -> Page:
    state, sequence, version, crc = _HEADER.unpack_from(data)
    is_sound = state != PageState.UNINITIALIZED and crc == _crc(data[4:28])
    return Page(offset, state, sequence, version, is_sound)


def _parse_entries(page: bytes, page_offset: int) -> tuple[list[Entry], int]:
    entries: list[Entry] = []
    damaged = index = 0
    while index < ENTRIES_PER_PAGE:
        state = _state(page, index)
        entry = None if state is EntryState.EMPTY else _parse_entry(page, index, page_offset, state)
        if entry is None:
            damaged += state is EntryState.WRITTEN
            index += 1
        else:
            entries.append(entry)
            index += entry.span
    return entries, damaged


def _state(page: bytes, index: int) -> EntryState:
    return _STATES[page[_BITMAP_OFFSET + index // 4] >> (index % 4 * 2) & 3]


def _parse_entry(page: bytes, index: int, page_offset: int, state: EntryState) -> Entry | None:
    """Return the entry at an index; None where its CRC is wrong or its span leaves the page."""
    at = _ENTRIES_OFFSET + ENTRY_SIZE * index
    head = page[at : at + ENTRY_SIZE]
    namespace, kind, span, chunk, crc, key, value = _ENTRY.unpack(head)
    if crc != _crc(head[:4] + head[8:]) or not 1 <= span <= ENTRIES_PER_PAGE - index:
        return None
    data, data_at, is_data_sound = value, at + 24, True
    if kind in _SIZED:
        size, data_crc = struct.unpack_from("<H2xI", value)
        data_at = at + ENTRY_SIZE
        data = page[data_at : data_at + min(size, (span - 1) * ENTRY_SIZE)]
        is_data_sound = len(data) == size and data_crc == _crc(data)
    text = key.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")
    offset = page_offset + at
    return Entry(offset, state, namespace, kind, span, chunk, text, data, page_offset + data_at, is_data_sound)


def _crc(data: bytes) -> int:
    return zlib.crc32(data, 0xFFFFFFFF)
