"""Stub v2's replies, each as recorded from the real stub (device-facts, "Stub replies")."""

import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.virtual_kit.loaders.flasher_stub import FlasherStub
from kitbench.virtual_kit.loaders.loader_protocol import RunCode, SoftwareReset
from tests.kitbench.virtual_kit.chip_rig import block, request, words
from tests.kitbench.virtual_kit.stub_client import SYNC, StubClient, payloads

FLASH_BEGIN, FLASH_DATA, FLASH_END = 0x02, 0x03, 0x04
DEFL_BEGIN, DEFL_DATA, DEFL_END = 0x10, 0x11, 0x12
MD5, READ_FLASH, ERASE_FLASH, ERASE_REGION = 0x13, 0xD2, 0xD0, 0xD1


@pytest.fixture(name="stub")
def _stub() -> StubClient:
    return StubClient(FlasherStub)


def test_sync_gets_eight_replies_with_value_zero(stub: StubClient) -> None:
    """device-facts: "SYNC: 8 replies, value 0"; "frame `01 op 0200 value4 st err`"."""
    assert stub.frames(0x08, SYNC) == [bytes.fromhex("0108 0200 00000000 0000")] * 8


def test_checksum_error(stub: StubClient) -> None:
    """device-facts: "Checksum error `c1 00`"."""
    stub.begin(FLASH_BEGIN, size=4, offset=0x10000)

    assert stub.status(FLASH_DATA, block(b"data", 0), value=0) == "c100"


@pytest.mark.parametrize(("opcode", "size"), [(0x08, 35), (0x0A, 5), (0x0D, 8), (0xD2, 15), (0xD0, 1), (0x0B, 20)])
def test_wrong_length(stub: StubClient, opcode: int, size: int) -> None:
    """device-facts: "wrong length `c0 00`"."""
    assert stub.status(opcode, bytes(size)) == "c000"


def test_length_field_that_differs_from_the_frame(stub: StubClient) -> None:
    """device-facts: "wrong length `c0 00`"."""
    (reply,) = payloads(stub.stub.receive(request(0x0A, words(0x40001000), length=8)))

    assert reply[-2:] == b"\xc0\x00"


@pytest.mark.parametrize("opcode", [0x00, 0x0C, 0x0E, 0x77, 0xD4, 0xDF, 0xFF])
def test_unknown_opcode(stub: StubClient, opcode: int) -> None:
    """device-facts: "unknown op … v2 `c3 00`"."""
    assert stub.status(opcode) == "c300"


@pytest.mark.parametrize("opcode", [0x14, 0xD5, 0xD6])
def test_opcodes_that_are_known_but_not_there(stub: StubClient, opcode: int) -> None:
    """device-facts: "(14, D5, D6: `ff 00`)"; so esptool says "FF00: Command not implemented" of get-security-info."""
    assert stub.status(opcode) == "ff00"


def test_direction_byte_one(stub: StubClient) -> None:
    """device-facts: "direction 1 v2 `c3 00`"."""
    (reply,) = payloads(stub.stub.receive(request(0x0A, words(0), direction=1)))

    assert reply[-2:] == b"\xc3\x00"


@pytest.mark.parametrize("opcode", [FLASH_DATA, DEFL_DATA, FLASH_END, DEFL_END])
def test_data_and_end_without_begin(stub: StubClient, opcode: int) -> None:
    """device-facts: "DATA without BEGIN … `c6`; END without anything complete `c4`/`c6`"."""
    data = words(0) if opcode in {FLASH_END, DEFL_END} else block(b"", 0)

    assert stub.status(opcode, data, value=0xEF) == "c600"


def test_end_of_an_incomplete_write(stub: StubClient) -> None:
    """device-facts: "END without anything complete `c4`/`c6`"."""
    stub.begin(FLASH_BEGIN, size=8, offset=0x10000)

    assert stub.status(FLASH_END, words(1)) == "c400"


def test_md5_past_the_end(stub: StubClient) -> None:
    """device-facts: "MD5 past the end v2 `c4 00`"."""
    assert stub.status(MD5, words(0x3FFFFF, 2, 0, 0)) == "c400"


def test_md5_comes_raw(stub: StubClient) -> None:
    (reply,) = stub.frames(MD5, words(3, 100, 0, 0))

    assert reply == b"\x01\x13\x12\x00" + bytes(4) + stub.flash.md5(3, 100) + bytes(2)


@pytest.mark.parametrize(("offset", "size"), [(0x100, 0x1000), (0x1000, 0x100)])
def test_erase_region_unaligned(stub: StubClient, offset: int, size: int) -> None:
    """device-facts: "ERASE_REGION unaligned v2 `c0 00`"."""
    assert stub.status(ERASE_REGION, words(offset, size)) == "c000"


@pytest.mark.parametrize("offset", [0x400000, 0x800000])
def test_flash_begin_beyond_the_chip(stub: StubClient, offset: int) -> None:
    """device-facts: "FLASH_BEGIN >= size v2 `c4 00`"."""
    assert stub.begin(FLASH_BEGIN, size=4, offset=offset) == "c400"


def test_garbage_deflate_is_told_by_the_next_command(stub: StubClient) -> None:
    """device-facts: "garbage deflate v2: `00`, then **`c7` on the next command**"."""
    stub.begin(DEFL_BEGIN, size=100, offset=0x10000)

    assert stub.data(DEFL_DATA, b"garbage!") == "0000"
    assert stub.status(0x0A, words(0x40001000)) == "c700"
    assert stub.status(0x0A, words(0x40001000)) == "0000"


def test_sequence_numbers_are_not_checked(stub: StubClient) -> None:
    """device-facts: "Neither stub checks seq"."""
    stub.begin(FLASH_BEGIN, size=8, offset=0x10000)

    assert stub.data(FLASH_DATA, b"one.", sequence=7) == "0000"
    assert stub.data(FLASH_DATA, b"two.", sequence=7) == "0000"
    assert stub.flash.read(0x10000, 8) == b"one.two."


@pytest.mark.parametrize("is_deflated", [False, True])
def test_data_past_the_declared_size_are_dropped(stub: StubClient, is_deflated: bool) -> None:  # noqa: FBT001
    """device-facts: "Data past the declared size is accepted and dropped"."""
    begin, data = (DEFL_BEGIN, DEFL_DATA) if is_deflated else (FLASH_BEGIN, FLASH_DATA)
    piece = zlib.compress(b"0123456789") if is_deflated else b"0123456789"
    stub.begin(begin, size=4, offset=0x10000)

    assert stub.data(data, piece) == "0000"
    assert stub.data(data, piece) == "0000"

    assert stub.flash.read(0x10000, 10) == b"0123" + b"\xff" * 6


def test_write_erases_as_it_goes(stub: StubClient) -> None:
    stub.begin(FLASH_BEGIN, size=0x3000, offset=0x1000)
    assert stub.flash.read(0x1000, 4) == b"\x00\x01\x02\x03"

    stub.data(FLASH_DATA, b"\xaa" * 0x1800)

    assert stub.flash.read(0x1000, 0x3000) == b"\xaa" * 0x1800 + b"\xff" * 0x800 + bytes(range(256)) * 16


def test_read_sends_one_block_per_acknowledgement_and_the_md5(stub: StubClient) -> None:
    """device-facts: "READ_FLASH: **one block per acknowledgement** even with window 64; … ends with the raw MD5"."""
    content = stub.flash.read(0x800, 0x2010)

    reply, first = stub.frames(READ_FLASH, words(0x800, 0x2010, 0x1000, 64))
    (second,) = stub.acknowledge(0x1000)
    (third,) = stub.acknowledge(0x2000)
    (digest,) = stub.acknowledge(0x2010)

    assert reply[-2:] == b"\0\0"
    assert first + second + third == content
    assert digest == hashlib.md5(content).digest()
    assert len(stub.frames(0x08, SYNC)) == 8


def test_acknowledgement_of_wrong_size_ends_the_read(stub: StubClient) -> None:
    stub.frames(READ_FLASH, words(0, 0x2000, 0x1000, 64))

    (digest,) = payloads(stub.stub.receive(b"\xc0abc\xc0"))

    assert len(digest) == 16
    assert len(stub.frames(0x08, SYNC)) == 8


def test_read_past_the_end_fails_late(stub: StubClient) -> None:
    (reply,) = stub.frames(READ_FLASH, words(0x3FF800, 0x1000, 0x1000, 64))

    assert reply[-2:] == b"\0\0"
    assert stub.status(0x0A, words(0)) == "c400"


def test_erase_region(stub: StubClient) -> None:
    assert stub.status(ERASE_REGION, words(0x1000, 0x1000)) == "0000"
    assert stub.flash.read(0x1000, 0x1001) == b"\xff" * 0x1000 + b"\x00"


def test_flash_end_0_resets(stub: StubClient) -> None:
    stub.begin(FLASH_BEGIN, size=0, offset=0)

    assert stub.actions(FLASH_END, words(0))[1:] == [SoftwareReset()]


def test_mem_end_runs_what_was_loaded(stub: StubClient) -> None:
    assert stub.status(0x06, words(0, 0x40080000)) == "c600"
    stub.status(0x05, words(4, 1, 4, 0x40080000))
    assert stub.data(0x07, b"code") == "0000"
    assert stub.data(0x07, b"code") == "c900"

    assert stub.actions(0x06, words(0, 0x40080000))[1:] == [RunCode(0x40080000)]


def test_encrypted_write_is_refused(stub: StubClient) -> None:
    """Flash encryption is not modelled; docs/fidelity/virtual-kit-serial.md."""
    assert stub.status(FLASH_BEGIN, words(32, 1, 0x4000, 0x10000, 1)) == "c400"


@given(st.lists(st.tuples(st.integers(0, 0xFF), st.binary(max_size=80), st.integers(0, 0xFFFFFFFF)), max_size=15))
def test_any_commands_are_survived(commands: list[tuple[int, bytes, int]]) -> None:
    client = StubClient(FlasherStub)

    for opcode, data, value in commands:
        client.actions(opcode, data, value=value)
