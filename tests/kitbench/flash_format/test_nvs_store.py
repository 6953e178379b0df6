"""NVS in flash: pages, entries, erased values, garbage collection; read back by the parser of flash dumps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitbench.flash_format import nvs
from kitbench.flash_format.nvs_store import ENTRY_COUNT, NvsError, NvsStore, NvsType, crc32


class Region:
    """A partition in memory that refuses to set bits."""

    def __init__(self, size: int = 0x6000) -> None:
        self.data = bytearray(b"\xff" * size)
        self.erased = 0

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, size: int) -> bytes:
        return bytes(self.data[offset : offset + size])

    def program(self, offset: int, data: bytes) -> None:
        for index, byte in enumerate(data):
            assert self.data[offset + index] & byte == byte, "NOR flash cannot set bits"
            self.data[offset + index] = byte

    def erase(self, offset: int, size: int) -> None:
        self.erased += 1
        self.data[offset : offset + size] = b"\xff" * size


def test_first_page_gets_the_header_of_esp_idf() -> None:
    region = Region()

    NvsStore(region)

    assert region.data[0:32] == bytes.fromhex("feffffff00000000fe") + b"\xff" * 19 + crc32(
        bytes.fromhex("00000000fe") + b"\xff" * 19
    ).to_bytes(4, "little")


def test_overwritten_value_stays_readable_and_only_its_bits_change() -> None:
    region = Region()
    store = NvsStore(region)
    space = store.namespace("wifi", create=True)
    store.set_string(space, "password", b"first secret\0")
    before = region.read(64 + 32, 64)

    store.set_string(space, "password", b"second secret\0")

    assert region.read(64 + 32, 64) == before
    # Entries: namespace written (10), two erased (00 00), two written (10 10), the rest empty.
    assert region.data[32] == 0b10_00_00_10
    assert region.data[33] == 0b11_11_11_10
    assert store.get(space, NvsType.STRING, "password") == b"second secret\0"


def test_blob_changes_its_chunk_base_with_each_version() -> None:
    region = Region()
    store = NvsStore(region)
    space = store.namespace("n", create=True)

    store.set_blob(space, "b", b"x" * 40)
    store.set_blob(space, "b", b"y" * 40)

    entries = [region.read(64 + 32 * index, 32) for index in range(9)]
    assert [(entry[1], entry[3]) for entry in (entries[1], entries[4], entries[5], entries[8])] == [
        (0x42, 0x00),
        (0x48, 0xFF),
        (0x42, 0x80),
        (0x48, 0xFF),
    ]
    assert store.get(space, NvsType.BLOB_DATA, "b") == b"y" * 40


def test_full_partition_collects_garbage_and_keeps_what_lives() -> None:
    region = Region()
    store = NvsStore(region)
    space = store.namespace("n", create=True)
    store.set_string(space, "kept", b"kept\0")

    for number in range(6 * ENTRY_COUNT):
        store.set_number(space, 0x14, "counter", number.to_bytes(4, "little"))

    assert region.erased
    again = NvsStore(region)
    assert again.get(space, NvsType.STRING, "kept") == b"kept\0"
    assert again.get(space, 0x14, "counter")[:4] == (6 * ENTRY_COUNT - 1).to_bytes(4, "little")


def test_partition_full_of_living_values_says_so() -> None:
    store = NvsStore(Region(0x3000))
    space = store.namespace("n", create=True)

    def fill() -> None:
        for number in range(1000):
            store.set_number(space, 0x14, f"key{number}", b"\0\0\0\0")

    with pytest.raises(NvsError) as caught:
        fill()

    assert caught.value.code == 0x1105


def test_blob_larger_than_a_page_is_split() -> None:
    region = Region()
    store = NvsStore(region)
    space = store.namespace("n", create=True)
    blob = bytes(range(256)) * 30

    store.set_blob(space, "big", blob)

    assert NvsStore(region).get(space, NvsType.BLOB_DATA, "big") == blob


def test_blob_that_does_not_fit_leaves_the_former_one() -> None:
    region = Region(0x4000)
    store = NvsStore(region)
    space = store.namespace("n", create=True)
    store.set_blob(space, "b", b"former")

    for size, code in ((0x4000, 0x110E), (11900, 0x1105)):
        with pytest.raises(NvsError) as caught:
            store.set_blob(space, "b", b"x" * size)
        assert caught.value.code == code

    assert NvsStore(region).get(space, NvsType.BLOB_DATA, "b") == b"former"


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.binary(max_size=1500)), max_size=60))
@settings(max_examples=30, deadline=None)
def test_parser_of_flash_dumps_reads_what_was_stored(writes: list[tuple[str, bytes]]) -> None:
    region = Region()
    store = NvsStore(region)
    space = store.namespace("storage", create=True)
    stored: dict[str, bytes] = {}

    for key, value in writes:
        store.set_blob(space, key, value)
        stored[key] = value

    parsed = nvs.parse(bytes(region.data))
    alive = {value.key: value.data for value in parsed.values() if not value.is_erased and value.namespace == "storage"}
    assert parsed.damaged == 0
    assert alive == stored
    assert {key: NvsStore(region).get(space, NvsType.BLOB_DATA, key) for key in stored} == stored


def test_partition_without_a_free_page_is_refused() -> None:
    region = Region(0x1000)
    NvsStore(region)

    with pytest.raises(NvsError) as caught:
        NvsStore(region)

    assert caught.value.code == 0x110D


@given(st.binary(max_size=0x2000))
@settings(max_examples=50, deadline=None)
def test_garbage_in_flash_is_read_without_a_crash(garbage: bytes) -> None:
    region = Region(0x3000)
    region.data[: len(garbage)] = garbage

    try:
        store = NvsStore(region)
        store.set_number(store.namespace("n", create=True), 0x01, "k", b"\1")
    except NvsError:
        return
    except AssertionError:
        return  # the region caught an attempt to set bits in a page that is no page


def _found(store: NvsStore, space: int, kind: NvsType, key: str) -> bytes | None:
    try:
        return store.get(space, kind, key)
    except NvsError:
        return None


def test_key_set_with_another_type_stays_hidden_until_the_first_is_erased() -> None:
    """Seen in QEMU: nvs_set_u32("k"), then nvs_set_u8("k"): nvs_get_u8 finds nothing."""
    store = NvsStore(Region())
    space = store.namespace("lab", create=True)
    store.set_number(space, 0x04, "k", (0xDEADBEEF).to_bytes(4, "little"))
    store.set_number(space, NvsType.U8, "k", b"\x07")

    hidden = _found(store, space, NvsType.U8, "k")
    store.erase_key(space, "k")

    assert hidden is None
    assert (_found(store, space, NvsType.U8, "k") or b"")[:1] == b"\x07"
    assert _found(store, space, NvsType.STRING, "k") is None


def test_key_of_sixteen_characters_is_found_by_fifteen_and_never_written() -> None:
    """Seen in QEMU."""
    store = NvsStore(Region())
    space = store.namespace("lab", create=True)
    store.set_number(space, NvsType.U8, "123456789012345", b"\x01")

    store.set_number(space, NvsType.U8, "1234567890123456", b"\x01")  # equal to what is there: nothing to write
    with pytest.raises(NvsError, match="0x1109"):
        store.set_number(space, NvsType.U8, "1234567890123456", b"\x02")

    assert (_found(store, space, NvsType.U8, "1234567890123456") or b"")[:1] == b"\x01"


def test_erasing_a_blob_takes_its_chunks_and_leaves_another_type() -> None:
    store = NvsStore(Region())
    space = store.namespace("lab", create=True)
    store.set_blob(space, "k", b"x" * 5000)
    store.set_number(space, NvsType.U8, "k", b"\x07")

    store.erase_key(space, "k")

    assert _found(store, space, NvsType.BLOB_DATA, "k") is None
    assert (_found(store, space, NvsType.U8, "k") or b"")[:1] == b"\x07"
