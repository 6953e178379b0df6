"""SPIFFS as ESP-IDF lays it out: files, deleted and overwritten ones too, as far as their pages still stand.

Page: object id u16, span index u16, flags u8, data. Bit 15 of the id marks index pages; that of span 0 names the file.

Source: spiffs, docs/TECH_SPEC; ESP-IDF, `components/spiffs/spiffsgen.py`.
"""

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

PAGE_SIZE: Final = 256
BLOCK_SIZE: Final = 4096
_PAGE_HEADER: Final = struct.Struct("<HHB")
_INDEX_FLAG: Final = 0x8000
#: Index header page: 5 bytes of page header, 3 of padding, size u32, type u8, then the name.
_NAME_OFFSET: Final = 13
_NAME_SIZE: Final = 32
_FREE_ID: Final = 0xFFFF
_DELETED_ID: Final = 0
_FLAG_NOT_DELETED: Final = 0x80
#: Copies of a page that an overwritten file left behind may be joined in so many ways at most.
_MAX_JOINS: Final = 16


@dataclass(frozen=True, slots=True)
class SpiffsFile:
    """A file; `pieces` are (partition offset, size) of its pages in order, the last one with its padding."""

    name: str
    is_deleted: bool
    pieces: tuple[tuple[int, int], ...]


def files(partition: bytes) -> Iterator[SpiffsFile]:
    """Yield the files whose data pages stand in the partition."""
    pages: dict[int, dict[int, list[tuple[int, bool]]]] = {}
    names: dict[int, str] = {}
    for offset in _page_offsets(partition):
        identifier, span, flags = _PAGE_HEADER.unpack_from(partition, offset)
        if identifier in {_FREE_ID, _DELETED_ID}:
            continue
        if not identifier & _INDEX_FLAG:
            is_deleted = not flags & _FLAG_NOT_DELETED
            pages.setdefault(identifier, {}).setdefault(span, []).append((offset, is_deleted))
        elif span == 0:
            name = partition[offset + _NAME_OFFSET : offset + _NAME_OFFSET + _NAME_SIZE]
            names[identifier & ~_INDEX_FLAG] = name.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")
    for identifier, spans in pages.items():
        copies = [spans[span] for span in sorted(spans)]
        for join in itertools.islice(itertools.product(*copies), _MAX_JOINS):
            pieces = tuple((offset + _PAGE_HEADER.size, PAGE_SIZE - _PAGE_HEADER.size) for offset, _ in join)
            is_deleted = any(deleted for _, deleted in join)
            yield SpiffsFile(names.get(identifier, f"object {identifier}"), is_deleted, pieces)


def _page_offsets(partition: bytes) -> Iterator[int]:
    """Yield the offsets of pages that may hold data: the first page of each block is its look-up table."""
    for block in range(0, len(partition) - BLOCK_SIZE + 1, BLOCK_SIZE):
        yield from range(block + PAGE_SIZE, block + BLOCK_SIZE, PAGE_SIZE)
