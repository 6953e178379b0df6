"""The ROM loader's replies, each as recorded from the real ROM (device-facts, "ROM loader replies")."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.flash_format.app_image import checksum
from kitbench.virtual_kit.loaders import slip
from kitbench.virtual_kit.loaders.rom_loader import RomLoader
from tests.kitbench.virtual_kit.chip_rig import ChipRig, block, make_flash, request, words

SYNC = bytes.fromhex("07071220") + b"\x55" * 32
FLASH_BEGIN, FLASH_DATA, FLASH_END = 0x02, 0x03, 0x04
MEM_BEGIN, MEM_END, MEM_DATA = 0x05, 0x06, 0x07
READ_REG, WRITE_REG = 0x0A, 0x09
DEFL_BEGIN, DEFL_DATA, DEFL_END = 0x10, 0x11, 0x12
MD5, READ_SLOW = 0x13, 0x0E


@pytest.fixture(name="rig")
def _rig() -> ChipRig:
    """A chip in download mode, synchronised, with a flash that boots."""
    rig = ChipRig(make_flash())
    rig.enter_download_mode()
    rig.command(0x08, SYNC)
    return rig


def _status(rig: ChipRig, opcode: int, data: bytes = b"", *, of: bytes | None = None) -> bytes:
    """Return the two status bytes of the one reply; `of` is what the checksum is made of."""
    (reply,) = rig.command(opcode, data, checksum=0 if of is None else checksum([of]))
    return reply[-4:-2]


def test_sync_gets_eight_replies_with_its_first_word() -> None:
    """device-facts: "SYNC: 8 replies `01080400 07071220 00000000`"."""
    rig = ChipRig()
    rig.enter_download_mode()

    assert rig.command(0x08, SYNC) == [bytes.fromhex("01080400 07071220 00000000")] * 8


def test_value_is_sticky(rig: ChipRig) -> None:
    """device-facts: "The value is sticky: later replies repeat the last SYNC or READ_REG value"."""
    assert rig.command(0x0D, bytes(8)) == [bytes.fromhex("010d0400 07071220 00000000")]

    rig.command(READ_REG, words(0x40001000))

    assert rig.command(0x0D, bytes(8)) == [bytes.fromhex("010d0400 831df000 00000000")]


def test_success_keeps_the_previous_error_code(rig: ChipRig) -> None:
    """device-facts: "On success `err` keeps the *previous* error …: only `st` = 0 means success"."""
    assert _status(rig, READ_SLOW, words(0, 65)) == b"\x01\x0a"

    assert _status(rig, 0x0D, bytes(8)) == b"\x00\x0a"


@pytest.mark.parametrize("opcode", [0x00, 0x01, 0x0C, 0x14, 0x15, 0x16, 0x77, 0xD0, 0xD1, 0xD2, 0xD3, 0xD4, 0xFF])
def test_unknown_opcode_gets_one_reply_with_the_previous_opcode(rig: ChipRig, opcode: int) -> None:
    """device-facts: "Unknown opcode …: **one** reply with the *previous* op, stale value, `01 05`"."""
    assert rig.command(opcode) == [bytes.fromhex("01080400 07071220 01050000")]


def test_length_field_is_ignored(rig: ChipRig) -> None:
    """device-facts: "The length field is ignored"."""
    rig.chip.receive(request(READ_REG, words(0x40001000), length=999))

    assert slip.SlipDecoder().feed(rig.take()) == [bytes.fromhex("010a0400 831df000 00000000")]


def test_write_reg_takes_several_writes_and_honours_the_mask(rig: ChipRig) -> None:
    """device-facts: "WRITE_REG takes n x 16 bytes, honours the mask"."""
    full, register = 0xFFFFFFFF, 0x3FF5F000
    _status(rig, WRITE_REG, words(register, 0x11223344, full, 0, register, 0xAABBCCDD, 0xFF00, 0))

    (reply,) = rig.command(READ_REG, words(register))

    assert reply[4:8] == words(0x1122CC44)


@pytest.mark.parametrize("direction", [1, 2])
def test_direction_byte_other_than_zero_is_refused(rig: ChipRig, direction: int) -> None:
    """device-facts: "Direction byte 1 or 2: `01 05`"."""
    rig.chip.receive(request(0x0D, bytes(8), direction=direction))

    assert rig.take()[-5:-3] == b"\x01\x05"


def test_text_between_frames_is_ignored(rig: ChipRig) -> None:
    """device-facts: "Text between frames is ignored"."""
    rig.chip.receive(b"hello\r\n" + request(0x0D, bytes(8)) + b"world")

    assert len(slip.SlipDecoder().feed(rig.take())) == 1


def test_short_spi_set_params_is_refused(rig: ChipRig) -> None:
    """device-facts: "SPI_SET_PARAMS short: `01 05`"."""
    assert _status(rig, 0x0B, bytes(20)) == b"\x01\x05"
    assert _status(rig, 0x0B, words(0, 0x400000, 0x10000, 0x1000, 256, 0xFFFF))[:1] == b"\x00"


@pytest.mark.parametrize("size", [4, 8])
def test_spi_attach_takes_four_or_eight_bytes(rig: ChipRig, size: int) -> None:
    """device-facts: "SPI_ATTACH takes 4 or 8 bytes"."""
    assert _status(rig, 0x0D, bytes(size)) == b"\x00\x00"


@pytest.mark.parametrize(
    ("begin", "data", "parameters"),
    [
        (MEM_BEGIN, MEM_DATA, words(64, 4, 16, 0x3FFB0000)),
        (FLASH_BEGIN, FLASH_DATA, words(64, 4, 16, 0x100000)),
        (DEFL_BEGIN, DEFL_DATA, words(64, 4, 16, 0x100000)),
    ],
)
class TestDataBlocks:
    """MEM_DATA, FLASH_DATA and FLASH_DEFL_DATA alike."""

    def test_without_begin(self, rig: ChipRig, begin: int, data: int, parameters: bytes) -> None:
        """device-facts: "mismatch or no BEGIN `01 05`"."""
        assert _status(rig, data, block(bytes(16), 0), of=bytes(16)) == b"\x01\x05"

    def test_wrong_sequence_number(self, rig: ChipRig, begin: int, data: int, parameters: bytes) -> None:
        """device-facts: "**seq is checked**: mismatch … `01 05`"."""
        _status(rig, begin, parameters)

        assert _status(rig, data, block(bytes(16), 1), of=bytes(16)) == b"\x01\x05"

    def test_bad_checksum(self, rig: ChipRig, begin: int, data: int, parameters: bytes) -> None:
        """device-facts: "bad checksum `01 07`"."""
        _status(rig, begin, parameters)

        assert _status(rig, data, block(bytes(16), 0), of=b"\x01") == b"\x01\x07"

    def test_only_the_low_byte_of_the_checksum_counts(
        self, rig: ChipRig, begin: int, data: int, parameters: bytes
    ) -> None:
        """device-facts: "(only the low byte counts)"."""
        piece = zlib.compress(bytes(64))
        _status(rig, begin, parameters)

        (reply,) = rig.command(data, block(piece, 0), checksum=0xABCDEF00 | checksum([piece]))

        assert reply[-4] == 0


def test_bad_checksum_advances_the_sequence_but_not_the_address(rig: ChipRig) -> None:
    """device-facts: "a bad-checksum block still advances the expected seq but not the address"."""
    _status(rig, FLASH_BEGIN, words(0x1000, 4, 4, 0x200000))
    assert _status(rig, FLASH_DATA, block(b"bad!", 0), of=b"x") == b"\x01\x07"

    assert _status(rig, FLASH_DATA, block(b"bad!", 0), of=b"bad!") == b"\x01\x05"
    assert _status(rig, FLASH_DATA, block(b"good", 1), of=b"good")[:1] == b"\x00"

    assert rig.flash.read(0x200000, 8) == b"good\xff\xff\xff\xff"


def test_blocks_past_the_announced_count_are_written(rig: ChipRig) -> None:
    """device-facts: "Blocks past the announced count are written"."""
    _status(rig, FLASH_BEGIN, words(4, 1, 4, 0x200000))

    for sequence, piece in enumerate([b"one.", b"two."]):
        assert _status(rig, FLASH_DATA, block(piece, sequence), of=piece)[:1] == b"\x00"

    assert rig.flash.read(0x200000, 8) == b"one.two."


def test_deflate_garbage(rig: ChipRig) -> None:
    """device-facts: "Deflate: garbage `01 0b`"."""
    _status(rig, DEFL_BEGIN, words(64, 1, 64, 0x200000))

    assert _status(rig, DEFL_DATA, block(b"garbage!", 0), of=b"garbage!") == b"\x01\x0b"


def test_deflate_with_wrong_adler(rig: ChipRig) -> None:
    """device-facts: "wrong adler `01 0c`"."""
    piece = zlib.compress(bytes(64))[:-1] + b"?"
    _status(rig, DEFL_BEGIN, words(64, 1, 64, 0x200000))

    assert _status(rig, DEFL_DATA, block(piece, 0), of=piece) == b"\x01\x0c"


def test_deflate_bomb_is_stopped_by_the_end_of_the_flash(rig: ChipRig) -> None:
    piece = zlib.compress(bytes(0x4000000))
    _status(rig, DEFL_BEGIN, words(0x1000, 1, len(piece), 0x3FF000))

    assert _status(rig, DEFL_DATA, block(piece[:0x10000], 0), of=piece[:0x10000]) == b"\x01\x06"


@pytest.mark.parametrize(("offset", "size"), [(0x1001, 0x1000), (0x400000, 0x1000), (0x3FF000, 0x1001)])
def test_flash_begin_unaligned_or_beyond_the_chip(rig: ChipRig, offset: int, size: int) -> None:
    """device-facts: "FLASH_BEGIN unaligned or beyond the chip `01 06`"."""
    assert _status(rig, FLASH_BEGIN, words(size, 1, 0x400, offset)) == b"\x01\x06"


def test_flash_begin_erases_up_front(rig: ChipRig) -> None:
    _status(rig, FLASH_BEGIN, words(0x1000, 4, 0x400, 0x10000))

    assert rig.flash.read(0x10000, 0x1000) == b"\xff" * 0x1000
    assert rig.flash.read(0x11000, 4) != b"\xff" * 4


def test_md5_comes_as_hex_text(rig: ChipRig) -> None:
    """device-facts: "MD5: 32 hex characters, length 0x24"."""
    (reply,) = rig.command(MD5, words(0x1000, 100, 0, 0))

    assert reply[:4] == b"\x01\x13\x24\x00"
    assert reply[8:40] == rig.flash.md5(0x1000, 100).hex().encode()
    assert len(reply) == 8 + 32 + 4


def test_md5_out_of_range(rig: ChipRig) -> None:
    """device-facts: "out of range `01 09`"."""
    assert _status(rig, MD5, words(0x3FFFFF, 2, 0, 0)) == b"\x01\x09"


def test_slow_read_always_gives_64_bytes(rig: ChipRig) -> None:
    """device-facts: "READ_FLASH_SLOW always 64+4 bytes"."""
    (reply,) = rig.command(READ_SLOW, words(0x1000, 3))

    assert len(reply) == 8 + 64 + 4
    assert reply[8:11] == rig.flash.read(0x1000, 3)


def test_slow_read_of_more_than_64_bytes(rig: ChipRig) -> None:
    """device-facts: "> 64 `01 0a`"."""
    assert _status(rig, READ_SLOW, words(0, 65)) == b"\x01\x0a"


def test_slow_read_out_of_range(rig: ChipRig) -> None:
    """device-facts: "out of range `01 09`"."""
    assert _status(rig, READ_SLOW, words(0x400000, 64)) == b"\x01\x09"


def test_flash_end_0_resets_into_download_mode(rig: ChipRig) -> None:
    """device-facts: "FLASH_END(0): reply, then `rst:0x3 (SW_RESET)` into download mode"."""
    _status(rig, FLASH_BEGIN, words(0, 0, 0x400, 0))

    rig.chip.receive(request(FLASH_END, words(0)))
    sent = rig.take()

    reply, text = sent.split(b"ets", 1)
    assert slip.SlipDecoder().feed(reply)[0][-4] == 0
    assert text.endswith(
        b"rst:0x3 (SW_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\nwaiting for download\r\n"
    )


def test_flash_end_1_boots_without_a_banner(rig: ChipRig) -> None:
    """device-facts: "FLASH_END(1): boots flash **without** ets/rst lines, from `configsip: …`"."""
    _status(rig, FLASH_BEGIN, words(0, 0, 0x400, 0))

    rig.chip.receive(request(FLASH_END, words(1)))
    sent = rig.take()

    assert b"ets" not in sent
    assert sent.partition(b"configsip: 0, SPIWP:0xee\r\n")[1]
    assert [app.offset for app in rig.cpu.apps] == [0x10000]


@pytest.mark.parametrize("is_begun", [False, True])
def test_flash_end_without_a_complete_begin(rig: ChipRig, is_begun: bool) -> None:  # noqa: FBT001 - a parameter
    """device-facts: "FLASH_END without a complete BEGIN: `01 06`, boots the same"."""
    if is_begun:
        _status(rig, FLASH_BEGIN, words(0x1000, 4, 0x400, 0x200000))

    rig.chip.receive(request(FLASH_END, words(1)))
    sent = rig.take()

    assert slip.SlipDecoder().feed(sent)[0][-4:-2] == b"\x01\x06"
    assert b"configsip" in sent


def test_defl_end_1_stays_in_the_loader(rig: ChipRig) -> None:
    """device-facts: "DEFL_END(1) stays in the loader"."""
    _status(rig, DEFL_BEGIN, words(0, 0, 0x400, 0))

    assert _status(rig, DEFL_END, words(1))[:1] == b"\x00"
    assert _status(rig, 0x0D, bytes(8))[:1] == b"\x00"


def test_mem_end_1_stays(rig: ChipRig) -> None:
    """device-facts: "MEM_END(1, x) stays"."""
    assert _status(rig, MEM_END, words(1, 0x40080000)) == b"\x00\x00"
    assert _status(rig, 0x0D, bytes(8))[:1] == b"\x00"


def test_mem_end_0_0_boots_without_a_banner(rig: ChipRig) -> None:
    """device-facts: "MEM_END(0, 0) boots flash without banner"."""
    rig.chip.receive(request(MEM_END, words(0, 0)))
    sent = rig.take()

    assert b"ets" not in sent
    assert b"configsip" in sent


def test_code_that_is_no_stub_is_done_at_once_and_silent_from_then_on(rig: ChipRig) -> None:
    """device-facts: "MEM_END(0, code that returns): `user code done`"; here whatever the code is."""
    _status(rig, MEM_BEGIN, words(4, 1, 4, 0x40090000))
    _status(rig, MEM_DATA, block(b"code", 0), of=b"code")

    rig.chip.receive(request(MEM_END, words(0, 0x40090000)))
    sent = rig.take()

    assert sent.endswith(b"user code done\r\n")
    assert rig.command(0x08, SYNC) == []
    assert "0x40090000 is not a flasher stub" in rig.log[0]


def test_strap_register_tells_download_mode(rig: ChipRig) -> None:
    """device-facts: "Register 0x3ff44038 holds the strap (3 in download mode)"."""
    (reply,) = rig.command(READ_REG, words(0x3FF44038))

    assert reply[4:8] == words(3)


def test_mem_data_outside_ram_is_refused(rig: ChipRig) -> None:
    _status(rig, MEM_BEGIN, words(16, 1, 16, 0x40000000))

    assert _status(rig, MEM_DATA, block(bytes(16), 0), of=bytes(16)) == b"\x01\x06"


_OPCODES = st.sampled_from([*range(0x18), 0xD0, 0xD1, 0xD2, 0xD3, 0xFF])


@given(st.lists(st.tuples(_OPCODES, st.binary(max_size=80), st.integers(0, 0xFFFFFFFF)), max_size=12))
def test_any_commands_are_answered_without_an_exception(commands: list[tuple[int, bytes, int]]) -> None:
    rig = ChipRig()
    rig.enter_download_mode()
    for opcode, data, value in commands:
        rig.chip.receive(request(opcode, data, checksum=value))

    rig.enter_download_mode()

    assert rig.command(0x08, SYNC)


@given(st.binary(max_size=400))
def test_any_bytes_leave_the_loader_alive(noise: bytes) -> None:
    rig = ChipRig()
    loader = RomLoader(rig.flash, rig.chip._fresh_memory())
    loader.receive(noise)

    assert loader.receive(b"\xc0" + request(0x08, SYNC) + request(0x08, SYNC))
