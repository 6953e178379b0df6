"""Stub v1's replies, each as recorded from the real stub (device-facts, "Stub replies") or as its source has them."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.virtual_kit.loaders.legacy_flasher_stub import LegacyFlasherStub
from kitbench.virtual_kit.loaders.loader_protocol import RunCode, SoftwareReset
from tests.kitbench.virtual_kit.chip_rig import block, request, words
from tests.kitbench.virtual_kit.stub_client import SYNC, StubClient, payloads

FLASH_BEGIN, FLASH_DATA, FLASH_END = 0x02, 0x03, 0x04
DEFL_BEGIN, DEFL_DATA, DEFL_END = 0x10, 0x11, 0x12
MD5, READ_FLASH, ERASE_REGION = 0x13, 0xD2, 0xD1


@pytest.fixture(name="stub")
def _stub() -> StubClient:
    return StubClient(LegacyFlasherStub)


def test_sync_gets_eight_replies_with_value_zero(stub: StubClient) -> None:
    """device-facts: "SYNC: 8 replies, value 0"."""
    assert stub.frames(0x08, SYNC) == [bytes.fromhex("0108 0200 00000000 0000")] * 8


@pytest.mark.parametrize("opcode", [0x00, 0x0C, 0x14, 0x77, 0xD4, 0xD5, 0xFF])
def test_unknown_opcode(stub: StubClient, opcode: int) -> None:
    """device-facts: "unknown op v1 `ff 00`"."""
    assert stub.status(opcode) == "ff00"


def test_checksum_error(stub: StubClient) -> None:
    """device-facts: "Checksum error `c1 00`"."""
    stub.begin(FLASH_BEGIN, size=4, offset=0x10000)

    assert stub.status(FLASH_DATA, block(b"data", 0), value=0) == "c100"


@pytest.mark.parametrize(("opcode", "size"), [(0x08, 35), (0x0A, 5), (0x0F, 4), (0xD2, 15), (0x02, 12)])
def test_wrong_length(stub: StubClient, opcode: int, size: int) -> None:
    """device-facts: "wrong length `c0 00`"."""
    assert stub.status(opcode, bytes(size)) == "c000"


@pytest.mark.parametrize(("opcode", "size"), [(0x0D, 8), (0xD0, 1), (0xD1, 4), (0x0B, 20)])
def test_wrong_length_merged_by_a_logical_or(stub: StubClient, opcode: int, size: int) -> None:
    assert stub.status(opcode, bytes(size)) == "0100"


def test_direction_is_not_looked_at(stub: StubClient) -> None:
    (reply,) = payloads(stub.stub.receive(request(0x0A, words(0x40001000), direction=1)))

    assert reply == bytes.fromhex("010a0200 831df000 0000")


@pytest.mark.parametrize("opcode", [FLASH_DATA, DEFL_DATA])
def test_data_without_begin(stub: StubClient, opcode: int) -> None:
    """device-facts: "DATA without BEGIN v1 `c6`"."""
    assert stub.data(opcode, b"") == "c600"


@pytest.mark.parametrize("opcode", [FLASH_END, DEFL_END])
def test_end_without_begin(stub: StubClient, opcode: int) -> None:
    """device-facts: "END without anything complete `c4`/`c6`"."""
    assert stub.status(opcode, words(0)) == "c600"


def test_end_of_an_incomplete_write(stub: StubClient) -> None:
    stub.begin(FLASH_BEGIN, size=8, offset=0x10000)

    assert stub.status(FLASH_END, words(1)) == "c800"


def test_garbage_deflate_is_told_by_the_next_block(stub: StubClient) -> None:
    stub.begin(DEFL_BEGIN, size=100, offset=0x10000)

    assert stub.data(DEFL_DATA, b"garbage!") == "0000"
    assert stub.data(DEFL_DATA, b"garbage!") == "c700"


def test_sequence_numbers_are_not_checked(stub: StubClient) -> None:
    """device-facts: "Neither stub checks seq"."""
    stub.begin(FLASH_BEGIN, size=8, offset=0x10000)

    assert stub.data(FLASH_DATA, b"one.", sequence=7) == "0000"
    assert stub.data(FLASH_DATA, b"two.", sequence=7) == "0000"
    assert stub.flash.read(0x10000, 8) == b"one.two."


def test_data_past_the_declared_size_are_dropped(stub: StubClient) -> None:
    """device-facts: "Data past the declared size is accepted and dropped"."""
    stub.begin(FLASH_BEGIN, size=4, offset=0x10000)

    assert stub.data(FLASH_DATA, b"0123456789") == "0000"

    assert stub.flash.read(0x10000, 10) == b"0123" + b"\xff" * 6


def test_deflated_write(stub: StubClient) -> None:
    content = bytes(range(256)) * 300
    stub.begin(DEFL_BEGIN, size=len(content), offset=0x20000)
    compressed = zlib.compress(content)

    for at in range(0, len(compressed), 500):
        assert stub.data(DEFL_DATA, compressed[at : at + 500]) == "0000"

    assert stub.status(DEFL_END, words(1)) == "0000"
    assert stub.flash.read(0x20000, len(content)) == content


def test_read_sends_one_block_per_acknowledgement(stub: StubClient) -> None:
    """device-facts: "READ_FLASH: **one block per acknowledgement** even with window 64"."""
    assert len(stub.frames(READ_FLASH, words(0, 0x2000, 0x1000, 64))) == 2
    assert len(stub.acknowledge(0x1000)) == 1
    assert [len(frame) for frame in stub.acknowledge(0x2000)] == [16]


def test_window_counts_bytes(stub: StubClient) -> None:
    assert len(stub.frames(READ_FLASH, words(0, 0x4000, 0x1000, 0x2000))) == 3


def test_md5(stub: StubClient) -> None:
    (reply,) = stub.frames(MD5, words(0, 100, 0, 0))

    assert reply[8:24] == stub.flash.md5(0, 100)
    assert stub.status(MD5, words(0x400000, 1, 0, 0)) == "0100"


@pytest.mark.parametrize(
    ("offset", "size", "status"), [(0x1000, 0x1000, "0000"), (0x100, 0x1000, "0100"), (0x3FF000, 0x2000, "0100")]
)
def test_erase_region(stub: StubClient, offset: int, size: int, status: str) -> None:
    assert stub.status(ERASE_REGION, words(offset, size)) == status


def test_flash_end_0_resets(stub: StubClient) -> None:
    stub.begin(FLASH_BEGIN, size=0, offset=0)

    assert stub.actions(FLASH_END, words(0))[1:] == [SoftwareReset()]


def test_mem_end_runs_what_was_loaded(stub: StubClient) -> None:
    stub.status(0x05, words(4, 1, 4, 0x40080000))
    assert stub.data(0x07, b"code") == "0000"

    assert stub.actions(0x06, words(0, 0x40080000))[1:] == [RunCode(0x40080000)]


@given(st.lists(st.tuples(st.integers(0, 0xFF), st.binary(max_size=80), st.integers(0, 0xFFFFFFFF)), max_size=15))
def test_any_commands_are_survived(commands: list[tuple[int, bytes, int]]) -> None:
    client = StubClient(LegacyFlasherStub)

    for opcode, data, value in commands:
        client.actions(opcode, data, value=value)
