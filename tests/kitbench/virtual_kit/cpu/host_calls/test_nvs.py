"""NVS by host calls: handles, types and rooms answer with ESP-IDF's codes (nvs.h)."""

import pytest

from kitbench.flash_format.nvs_store import NvsType
from kitbench.virtual_kit.cpu.host_calls import nvs
from tests.kitbench.virtual_kit.cpu.host_calls.guest import ANSWER, BUFFER, NVS, TEXT, Guest

OK, NO_PARTITION, NOT_INITIALIZED, NOT_FOUND, TYPE_MISMATCH = 0, 0x105, 0x1101, 0x1102, 0x1103
READ_ONLY, INVALID_HANDLE, KEY_TOO_LONG, INVALID_LENGTH, PART_NOT_FOUND = 0x1104, 0x1107, 0x1109, 0x110C, 0x110F
KEY = TEXT + 0x80


@pytest.fixture
def guest() -> Guest:
    return Guest(nvs.host_calls)


def opened(guest: Guest, *, writable: int = 1) -> int:
    """Initialise `nvs`, open the namespace `course` and return its handle."""
    assert guest.call("kit_nvs_init", guest.put(b"nvs")) == OK
    status = guest.call("kit_nvs_open", guest.put(b"nvs"), guest.put(b"course", BUFFER), writable, ANSWER)
    assert status == OK
    return guest.word()


def stored(guest: Guest, handle: int, kind: int, value: bytes) -> int | None:
    return guest.call("kit_nvs_set", handle, guest.put(b"key", KEY), kind, guest.put(value, BUFFER), len(value))


def test_string_goes_to_flash_and_comes_back(guest: Guest) -> None:
    handle = opened(guest)

    assert stored(guest, handle, NvsType.STRING, b"secret\0") == OK

    assert b"secret" in guest.flash.read(NVS.offset, NVS.size)
    guest.memory.write_word(ANSWER, 0)
    assert guest.call("kit_nvs_get", handle, KEY, NvsType.STRING, 0, ANSWER) == OK
    assert guest.word() == 7
    assert guest.call("kit_nvs_get", handle, KEY, NvsType.STRING, BUFFER + 64, ANSWER) == OK
    assert guest.memory.read(BUFFER + 64, 7) == b"secret\0"


def test_room_that_is_too_small_is_told_with_the_length(guest: Guest) -> None:
    handle = opened(guest)
    stored(guest, handle, NvsType.BLOB_DATA, b"abcdef")
    guest.memory.write_word(ANSWER, 5)

    assert guest.call("kit_nvs_get", handle, KEY, NvsType.BLOB_DATA, BUFFER, ANSWER) == INVALID_LENGTH
    assert guest.word() == 6
    assert guest.call("kit_nvs_get", handle, KEY, NvsType.BLOB_DATA, BUFFER, 0) == INVALID_LENGTH


def test_number_has_a_type(guest: Guest) -> None:
    handle = opened(guest)
    stored(guest, handle, NvsType.U8, b"\x07")

    assert guest.call("kit_nvs_get", handle, KEY, NvsType.U8, BUFFER, 1) == OK
    assert guest.memory.read(BUFFER, 1) == b"\x07"
    assert guest.call("kit_nvs_get", handle, KEY, 0x14, BUFFER, 4) in {NOT_FOUND, TYPE_MISMATCH}


def test_handle_that_may_only_read(guest: Guest) -> None:
    writer = opened(guest)
    stored(guest, writer, NvsType.U8, b"\1")
    reader = opened(guest, writable=0)

    assert stored(guest, reader, NvsType.U8, b"\2") == READ_ONLY
    assert guest.call("kit_nvs_remove", reader, KEY) == READ_ONLY


def test_namespace_that_is_not_there_is_not_made_for_reading(guest: Guest) -> None:
    guest.call("kit_nvs_init", guest.put(b"nvs"))

    assert guest.call("kit_nvs_open", guest.put(b"nvs"), guest.put(b"new", BUFFER), 0, ANSWER) == NOT_FOUND


def test_order_of_calls(guest: Guest) -> None:
    label, name = guest.put(b"nvs"), guest.put(b"course", BUFFER)

    assert guest.call("kit_nvs_open", label, name, 1, ANSWER) == NOT_INITIALIZED
    assert guest.call("kit_nvs_deinit", label) == NOT_INITIALIZED
    handle = opened(guest)
    other = guest.put(b"nvs2", TEXT + 0x40)
    assert guest.call("kit_nvs_open", other, name, 1, ANSWER) == PART_NOT_FOUND
    assert guest.call("kit_nvs_init", other) == NO_PARTITION
    assert guest.call("kit_nvs_deinit", label) == OK
    assert guest.call("kit_nvs_commit", handle) == INVALID_HANDLE


def test_closed_handle_is_none_any_more(guest: Guest) -> None:
    handle = opened(guest)
    assert guest.call("kit_nvs_commit", handle) == OK
    guest.call("kit_nvs_close", handle)

    assert stored(guest, handle, NvsType.U8, b"\1") == INVALID_HANDLE


def test_key_and_namespace_have_at_most_15_bytes(guest: Guest) -> None:
    handle = opened(guest)
    long = guest.put(b"k" * 16, KEY)

    assert guest.call("kit_nvs_set", handle, long, NvsType.U8, BUFFER, 1) == KEY_TOO_LONG
    assert guest.call("kit_nvs_open", guest.put(b"nvs"), long, 1, ANSWER) == KEY_TOO_LONG


def test_one_key_or_all_of_a_namespace_are_removed(guest: Guest) -> None:
    handle = opened(guest)
    stored(guest, handle, NvsType.U8, b"\1")
    assert guest.call("kit_nvs_remove", handle, KEY) == OK
    assert guest.call("kit_nvs_get", handle, KEY, NvsType.U8, BUFFER, 1) == NOT_FOUND

    stored(guest, handle, NvsType.U8, b"\1")
    assert guest.call("kit_nvs_remove", handle, 0) == OK
    assert guest.call("kit_nvs_get", handle, KEY, NvsType.U8, BUFFER, 1) == NOT_FOUND


def test_erased_partition_holds_nothing_and_closes_what_was_open(guest: Guest) -> None:
    handle = opened(guest)
    stored(guest, handle, NvsType.STRING, b"secret\0")

    assert guest.call("kit_nvs_erase", guest.put(b"nvs")) == OK
    assert guest.flash.read(NVS.offset, NVS.size) == b"\xff" * NVS.size
    assert guest.call("kit_nvs_commit", handle) == INVALID_HANDLE
