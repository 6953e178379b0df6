"""ESP-IDF's non-volatile storage in flash, byte by byte as ESP-IDF 5.1 writes it.

A partition is a row of pages of 4096 bytes: header, a bitmap of two bits an entry, 126 entries of 32 bytes. Values are
never overwritten: the new one is appended, the old one's bits go to zero, and its bytes stay until the page is erased.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

PAGE_SIZE: Final = 4096
ENTRY_SIZE: Final = 32
ENTRY_COUNT: Final = 126
_BITMAP_OFFSET: Final = 32
_ENTRIES_OFFSET: Final = 64
#: Versions count downwards from 0xFF, as flash can only clear bits.
_VERSION_2: Final = 0xFE
_NAMESPACE_OF_NAMESPACES: Final = 0
_NO_CHUNK: Final = 0xFF
#: Bytes of a key; a longer one is compared by these alone, and never written.
LONGEST_KEY: Final = 15
#: A blob's second version counts its chunks from here, so that old and new can stand side by side.
_SECOND_VERSION: Final = 0x80
#: A string stands in one page: all its entries but the one that describes the string.
_STRING_LIMIT: Final = (ENTRY_COUNT - 1) * ENTRY_SIZE
#: As many chunks as one version of a blob may have.
_MOST_CHUNKS: Final = 127
#: A blob does not begin in less room than this: nvs_storage.cpp, `writeMultiPageBlob`.
_SMALLEST_FIRST_CHUNK: Final = _STRING_LIMIT // 10
_ENTRY: Final = struct.Struct("<BBBBI16s8s")


class NvsType(IntEnum):
    """Types as they stand in an entry."""

    U8 = 0x01
    STRING = 0x21
    BLOB_DATA = 0x42
    BLOB_INDEX = 0x48


_BLOB_TYPES: Final = (NvsType.BLOB_DATA, NvsType.BLOB_INDEX)


class PageState(IntEnum):
    """The first word of a page; each state clears one more bit."""

    UNUSED = 0xFFFFFFFF
    ACTIVE = 0xFFFFFFFE
    FULL = 0xFFFFFFFC
    FREEING = 0xFFFFFFF8


class NvsError(Exception):
    """An operation failed; `code` is ESP-IDF's."""

    def __init__(self, code: int) -> None:
        super().__init__(f"NVS error 0x{code:x}")
        self.code: Final = code


NOT_FOUND: Final = 0x1102
NOT_ENOUGH_SPACE: Final = 0x1105
KEY_TOO_LONG: Final = 0x1109
NO_FREE_PAGES: Final = 0x110D
VALUE_TOO_LONG: Final = 0x110E
NEW_VERSION_FOUND: Final = 0x1110


class Region(Protocol):
    """A partition in flash; offsets count from its start."""

    @property
    def size(self) -> int:
        """Bytes."""

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes."""

    def program(self, offset: int, data: bytes) -> None:
        """AND bytes into the flash."""

    def erase(self, offset: int, size: int) -> None:
        """Set whole sectors to 0xFF."""


def crc32(data: bytes) -> int:
    """Return the ROM's CRC-32, which starts from all ones."""
    return zlib.crc32(data, 0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Head:
    """What an item's first entry says: `value` is its eight bytes of data."""

    namespace: int
    type: int
    chunk: int
    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """A live item and where it stands."""

    page: "Page"
    index: int
    span: int
    head: Head

    @property
    def value(self) -> bytes:
        """The eight bytes of the first entry."""
        return self.head.value

    def data(self) -> bytes:
        """Return what a string or blob chunk holds, cut to its size."""
        (size,) = struct.unpack_from("<H", self.value)
        return self.page.read_entries(self.index + 1, self.span - 1)[:size]


class Page:
    """One page of the partition."""

    def __init__(self, region: Region, offset: int) -> None:
        self._region = region
        self._offset = offset
        header = region.read(offset, _ENTRIES_OFFSET)
        self.state, self.sequence = struct.unpack_from("<II", header)
        self.version = header[8]
        stored_crc = struct.unpack_from("<I", header, 28)[0]
        self.is_valid = self.state == PageState.UNUSED or stored_crc == crc32(header[4:28])
        self._bitmap = bytearray(header[_BITMAP_OFFSET:])
        self.next_free = next(
            (i for i in range(ENTRY_COUNT) if all(self._bits(j) == 3 for j in range(i, ENTRY_COUNT))), ENTRY_COUNT
        )

    def _bits(self, index: int) -> int:
        # 3 is an empty entry, 2 a written one, 0 one that was erased.
        return self._bitmap[index // 4] >> (index % 4 * 2) & 3

    def _clear_bits(self, index: int, count: int, mask: int) -> None:
        for position in range(index, index + count):
            self._bitmap[position // 4] &= ~(mask << (position % 4 * 2)) & 0xFF
        first, last = index // 4, (index + count - 1) // 4
        self._region.program(self._offset + _BITMAP_OFFSET + first, bytes(self._bitmap[first : last + 1]))

    def activate(self, sequence: int) -> None:
        """Give an erased page its header."""
        body = struct.pack("<IB19s", sequence, _VERSION_2, b"\xff" * 19)
        self._region.program(self._offset + 4, body + struct.pack("<I", crc32(body)))
        self.sequence, self.version, self.is_valid = sequence, _VERSION_2, True
        # Last of all: a page whose header was cut short by a power failure is unused still.
        self.set_state(PageState.ACTIVE)

    def set_state(self, state: PageState) -> None:
        """Move on to a later state."""
        self._region.program(self._offset, struct.pack("<I", state))
        self.state = state

    def erase(self) -> None:
        """Make the page unused again."""
        self._region.erase(self._offset, PAGE_SIZE)
        self.state, self._bitmap, self.next_free = PageState.UNUSED, bytearray(b"\xff" * 32), 0

    @property
    def erased_count(self) -> int:
        """How many entries a copy of the page would save."""
        return sum(self._bits(index) == 0 for index in range(ENTRY_COUNT))

    def read_entries(self, index: int, count: int) -> bytes:
        """Return the bytes of entries."""
        return self._region.read(self._offset + _ENTRIES_OFFSET + index * ENTRY_SIZE, count * ENTRY_SIZE)

    def append(self, raw: bytes) -> int:
        """Write one item of whole entries behind the last one; returns its index."""
        index, span = self.next_free, len(raw) // ENTRY_SIZE
        self._region.program(self._offset + _ENTRIES_OFFSET + index * ENTRY_SIZE, raw)
        # Only now is the item there; one whose writing was cut short is passed over.
        self._clear_bits(index, span, 1)
        self.next_free += span
        return index

    def erase_item(self, item: Item) -> None:
        """Mark an item's entries as erased; their bytes stay."""
        self._clear_bits(item.index, item.span, 3)

    def items(self) -> Iterator[Item]:
        """Yield the live items; an entry whose CRC is wrong is passed over, as at start-up on the device."""
        index = 0
        while index < self.next_free:
            raw = self.read_entries(index, 1)
            namespace, kind, span, chunk, stored_crc, key, value = _ENTRY.unpack(raw)
            is_live = self._bits(index) == 2 and stored_crc == crc32(raw[0:4] + raw[8:32])
            if is_live and 0 < span <= ENTRY_COUNT - index:
                yield Item(self, index, span, Head(namespace, kind, chunk, key.rstrip(b"\0"), value))
                index += span
            else:
                index += 1


class NvsStore:
    """The key-value store on a partition.

    Raises:
        NvsError: NO_FREE_PAGES or NEW_VERSION_FOUND, on which applications erase the partition and start again.
    """

    def __init__(self, region: Region) -> None:
        pages = [Page(region, offset) for offset in range(0, region.size - PAGE_SIZE + 1, PAGE_SIZE)]
        self._page_count = len(pages)
        self._free = [page for page in pages if page.state == PageState.UNUSED]
        used = [page for page in pages if page.state != PageState.UNUSED and page.is_valid]
        if any(page.version < _VERSION_2 for page in used):
            raise NvsError(NEW_VERSION_FOUND)
        self._used = sorted(used, key=lambda page: page.sequence)
        # One page has to stay free, or nothing could ever be moved.
        if not self._free:
            raise NvsError(NO_FREE_PAGES)
        if not self._used:
            self._use_free_page()
        self._items = [item for page in self._used for item in page.items()]

    def namespace(self, name: str, *, create: bool) -> int:
        """Return the index of a namespace.

        Raises:
            NvsError: NOT_FOUND where it does not exist and must not be made.
        """
        heads = [item.head for item in self._items]
        known = {head.key: head.value[0] for head in heads if head.namespace == _NAMESPACE_OF_NAMESPACES}
        key = name.encode()
        if key not in known:
            if not create:
                raise NvsError(NOT_FOUND)
            # 0 is the list of namespaces itself, 255 stands for any.
            known[key] = next((i for i in range(1, 255) if i not in known.values()), 0)
            if not known[key]:
                raise NvsError(NOT_ENOUGH_SPACE)
            value = bytes((known[key],)).ljust(8, b"\xff")
            self._append(Head(_NAMESPACE_OF_NAMESPACES, NvsType.U8, _NO_CHUNK, key, value))
        return known[key]

    def entries(self) -> list[tuple[str, str, int]]:
        """Return namespace, key and type of each value, in the order of the flash; a blob in several parts is one."""
        names = {
            head.value[0]: head.key.decode("utf-8", "replace") for head in self._heads_of(_NAMESPACE_OF_NAMESPACES)
        }
        heads = [item.head for item in self._items if item.head.namespace in names]
        return [
            (names[head.namespace], head.key.decode("utf-8", "replace"), _shown_type(head.type))
            for head in heads
            if head.type != NvsType.BLOB_DATA
        ]

    def used_count(self, namespace: int | None = None) -> int:
        """Return how many entries live items take: of a namespace, or all."""
        return sum(item.span for item in self._items if namespace in {None, item.head.namespace})

    @property
    def total_count(self) -> int:
        """How many entries the partition has room for, the page that stays free included."""
        return self._page_count * ENTRY_COUNT

    @property
    def namespace_count(self) -> int:
        """How many namespaces there are."""
        return len(self._heads_of(_NAMESPACE_OF_NAMESPACES))

    def _heads_of(self, namespace: int) -> list[Head]:
        return [item.head for item in self._items if item.head.namespace == namespace]

    def _find(self, namespace: int, kind: int, key: str, chunk: int = _NO_CHUNK) -> Item | None:
        """Return the live item of a key, as ESP-IDF looks for it: the first of that key in each page decides.

        Where that one has another type, those of the right type behind it stay hidden until it is erased.
        """
        wanted = key.encode()[:LONGEST_KEY]
        passed: list[Page] = []
        for item in self._items:
            head = item.head
            if (head.namespace, head.key, head.chunk) != (namespace, wanted, chunk) or item.page in passed:
                continue
            if head.type == kind:
                return item
            passed.append(item.page)
        return None

    def set_number(self, namespace: int, kind: int, key: str, value: bytes) -> None:
        """Store a number of 1 to 8 bytes, little-endian; an equal one is left alone."""
        old = self._find(namespace, kind, key)
        padded = value.ljust(8, b"\xff")
        if old is not None and old.value == padded:
            return
        # The new value first, here and below: a power failure in between must not lose both.
        self._append(Head(namespace, kind, _NO_CHUNK, key.encode(), padded))
        self._forget(old)

    def set_string(self, namespace: int, key: str, text: bytes) -> None:
        """Store a string; `text` includes the closing NUL."""
        if len(text) > _STRING_LIMIT:
            raise NvsError(VALUE_TOO_LONG)
        old = self._find(namespace, NvsType.STRING, key)
        if old is not None and old.data() == text:
            return
        self._append(Head(namespace, NvsType.STRING, _NO_CHUNK, key.encode(), _describe(text)), text)
        self._forget(old)

    def set_blob(self, namespace: int, key: str, blob: bytes) -> None:
        """Store a blob in chunks that fill the pages, then its index, then erase the former version."""
        old = self._find(namespace, NvsType.BLOB_INDEX, key)
        if old is not None and self.get(namespace, NvsType.BLOB_DATA, key) == blob:
            return
        if len(blob) > min(self._page_count - 1, _MOST_CHUNKS) * _STRING_LIMIT:
            raise NvsError(VALUE_TOO_LONG)
        # Byte 5 of an index is the number of its first chunk: the versions take turns.
        start = 0 if old is None or old.value[5] else _SECOND_VERSION
        former = [] if old is None else [old, *self._chunks(old)]
        try:
            self._write_blob(namespace, key, blob, start)
        except NvsError:
            for number in range(_MOST_CHUNKS):
                self._forget(self._find(namespace, NvsType.BLOB_DATA, key, start + number))
            raise
        for item in former:
            self._forget(item)

    def _write_blob(self, namespace: int, key: str, blob: bytes, start: int) -> None:
        rest, count = blob, 0
        # An empty blob has a chunk, too.
        while rest or not count:
            room = max(ENTRY_COUNT - self._used[-1].next_free - 1, 0) * ENTRY_SIZE
            if not room or (not count and room < len(rest) and room < _SMALLEST_FIRST_CHUNK):
                self._next_page()
                continue
            piece, rest = rest[:room], rest[room:]
            self._append(Head(namespace, NvsType.BLOB_DATA, start + count, key.encode(), _describe(piece)), piece)
            count += 1
        index = struct.pack("<IBBH", len(blob), count, start, 0xFFFF)
        self._append(Head(namespace, NvsType.BLOB_INDEX, _NO_CHUNK, key.encode(), index))

    def _chunks(self, index: Item) -> list[Item]:
        _, count, start, _ = struct.unpack("<IBBH", index.value)
        key = index.head.key.decode(errors="replace")
        found = [self._find(index.head.namespace, NvsType.BLOB_DATA, key, start + number) for number in range(count)]
        return [item for item in found if item is not None]

    def get(self, namespace: int, kind: int, key: str) -> bytes:
        """Return a value's bytes: 8 of a number, a string with its NUL, a blob.

        Raises:
            NvsError: NOT_FOUND, also where a value's data does not agree with its CRC.
        """
        item = self._find(namespace, NvsType.BLOB_INDEX if kind == NvsType.BLOB_DATA else kind, key)
        if item is None:
            raise NvsError(NOT_FOUND)
        if kind == NvsType.BLOB_DATA:
            return b"".join(_checked(chunk) for chunk in self._chunks(item))
        return _checked(item) if kind == NvsType.STRING else item.value

    def erase_key(self, namespace: int, key: str) -> None:
        """Erase a key's first item of whatever type, a blob with all its chunks. Raises NvsError NOT_FOUND."""
        wanted = (namespace, key.encode()[:LONGEST_KEY])
        found = [item for item in self._items if (item.head.namespace, item.head.key) == wanted]
        if not found:
            raise NvsError(NOT_FOUND)
        is_blob = found[0].head.type in _BLOB_TYPES
        for item in [item for item in found if item.head.type in _BLOB_TYPES] if is_blob else found[:1]:
            self._forget(item)

    def erase_all(self, namespace: int) -> None:
        """Erase all keys of a namespace."""
        for item in [item for item in self._items if item.head.namespace == namespace]:
            self._forget(item)

    def _forget(self, item: Item | None) -> None:
        """Erase an item, wherever a page copy may have moved it meanwhile."""
        if item is None:
            return
        same = [other for other in self._items if other.head == item.head]
        for found in same[:1]:
            found.page.erase_item(found)
            self._items.remove(found)

    def _append(self, head: Head, data: bytes = b"") -> None:
        if len(head.key) > LONGEST_KEY:
            raise NvsError(KEY_TOO_LONG)
        raw = _encode(head, data)
        span = len(raw) // ENTRY_SIZE
        if self._used[-1].next_free + span > ENTRY_COUNT:
            self._next_page()
        page = self._used[-1]
        if page.next_free + span > ENTRY_COUNT:
            raise NvsError(NOT_ENOUGH_SPACE)
        index = page.append(raw)
        self._items.append(Item(page, index, span, head))

    def _next_page(self) -> None:
        """Go on in a fresh page; the last free one is filled with what is alive of the page with most garbage."""
        if len(self._free) > 1:
            self._used[-1].set_state(PageState.FULL)
            self._use_free_page()
            return
        # The page that gives most room for the least copying.
        victim = max(self._used, key=lambda page: page.erased_count)
        if not victim.erased_count:
            raise NvsError(NOT_ENOUGH_SPACE)
        if self._used[-1].state == PageState.ACTIVE:
            self._used[-1].set_state(PageState.FULL)
        self._use_free_page()
        # A power failure while items are moved is seen by this state at the next start.
        victim.set_state(PageState.FREEING)
        self._move_items(victim, self._used[-1])
        victim.erase()
        self._used.remove(victim)
        self._free.append(victim)

    def _move_items(self, victim: Page, target: Page) -> None:
        for position, item in enumerate(self._items):
            if item.page is victim:
                index = target.append(victim.read_entries(item.index, item.span))
                self._items[position] = Item(target, index, item.span, item.head)

    def _use_free_page(self) -> None:
        page = self._free.pop(0)
        page.activate(self._used[-1].sequence + 1 if self._used else 0)
        self._used.append(page)


def _shown_type(kind: int) -> int:
    return int(NvsType.BLOB_DATA) if kind == NvsType.BLOB_INDEX else kind


def _describe(data: bytes) -> bytes:
    return struct.pack("<HHI", len(data), 0xFFFF, crc32(data))


def _checked(item: Item) -> bytes:
    data = item.data()
    if struct.unpack_from("<I", item.value, 4)[0] != crc32(data):
        raise NvsError(NOT_FOUND)
    return data


def _encode(head: Head, data: bytes) -> bytes:
    padded = data + b"\xff" * (-len(data) % ENTRY_SIZE)
    start = bytes((head.namespace, head.type, 1 + len(padded) // ENTRY_SIZE, head.chunk))
    tail = head.key.ljust(16, b"\0") + head.value
    return start + struct.pack("<I", crc32(start + tail)) + tail + padded
