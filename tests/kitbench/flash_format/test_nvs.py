"""NVS: written, erased and split values; damage skipped; nothing raises."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.flash_format import nvs
from kitbench.flash_format.nvs import EntryState, EntryType
from kitbench.forensics.canaries.storage_disguise import nvs_entry, nvs_page, nvs_sized, nvs_split_blob

WRITTEN, ERASED = 0b10, 0b00
NAMESPACE = (nvs_entry(0, EntryType.U8, "wifi", b"\x05"), WRITTEN)


def values_of(partition: bytes) -> dict[str, nvs.Value]:
    return {value.name: value for value in nvs.parse(partition).values()}


def test_parse_gives_string_by_namespace_and_key() -> None:
    page = nvs_page(0, [NAMESPACE, (nvs_sized(5, EntryType.STRING, "ssid", b"campus\0"), WRITTEN)])

    value = values_of(page)["wifi/ssid"]

    assert (value.data, value.is_erased) == (b"campus\0", False)
    assert page[value.pieces[0][0] :][: value.pieces[0][1]] == b"campus\0"


def test_parse_gives_erased_string_too() -> None:
    page = nvs_page(0, [NAMESPACE, (nvs_sized(5, EntryType.STRING, "pass", b"secret\0"), ERASED)])

    parsed = nvs.parse(page)

    assert [entry.state for entry in parsed.entries] == [EntryState.WRITTEN, EntryState.ERASED]
    assert values_of(page)["wifi/pass"].is_erased


def test_values_joins_blob_over_pages() -> None:
    secret = bytes(range(256)) * 12

    values = values_of(nvs_split_blob(secret))

    assert values["aws/key"].data == secret
    assert len(values["aws/key"].pieces) == 2


def test_values_gives_each_copy_of_an_overwritten_chunk() -> None:
    old = nvs_sized(5, EntryType.BLOB_DATA, "key", b"old one", chunk=0)
    new = nvs_sized(5, EntryType.BLOB_DATA, "key", b"new one", chunk=0x80)
    page = nvs_page(0, [NAMESPACE, (old, ERASED), (new, WRITTEN)])

    assert {(value.data, value.is_erased) for value in nvs.parse(page).values()} == {
        (b"old one", True),
        (b"new one", False),
    }


def test_number_has_its_value_field() -> None:
    page = nvs_page(0, [NAMESPACE, (nvs_entry(5, EntryType.U32, "boots", struct.pack("<I", 7)), WRITTEN)])

    assert values_of(page)["wifi/boots"].data[:4] == b"\x07\0\0\0"


def test_entry_with_wrong_crc_is_counted_not_followed() -> None:
    damaged = bytearray(nvs_sized(5, EntryType.STRING, "pass", b"secret\0"))
    damaged[2] ^= 0x40  # the span
    page = nvs_page(0, [NAMESPACE, (bytes(damaged), WRITTEN)])

    parsed = nvs.parse(page)

    assert [entry.key for entry in parsed.entries] == ["wifi"]
    assert parsed.damaged == 2


def test_data_with_wrong_crc_is_given_and_marked() -> None:
    item = bytearray(nvs_sized(5, EntryType.STRING, "pass", b"secret\0"))
    item[33] ^= 1
    page = nvs_page(0, [NAMESPACE, (bytes(item), WRITTEN)])

    assert [entry.is_data_sound for entry in nvs.parse(page).entries] == [True, False]


def test_page_with_wrong_header_crc_has_no_entries() -> None:
    page = bytearray(nvs_page(0, [NAMESPACE]))
    page[5] ^= 1

    parsed = nvs.parse(bytes(page))

    assert (parsed.entries, parsed.is_nvs) == ((), False)


@pytest.mark.parametrize("partition", [b"", b"\xff" * 8192, bytes(8192), b"\x01" * 5000])
def test_what_is_no_nvs_gives_nothing(partition: bytes) -> None:
    assert list(nvs.parse(partition).values()) == []


@given(st.data())
def test_damaged_partition_never_raises(data: st.DataObject) -> None:
    partition = bytearray(nvs_split_blob(bytes(3000)))
    for _ in range(data.draw(st.integers(1, 30))):
        partition[data.draw(st.integers(0, len(partition) - 1))] = data.draw(st.integers(0, 255))

    for value in nvs.parse(bytes(partition)).values():
        assert all(offset >= 0 and offset + size <= len(partition) for offset, size in value.pieces)
