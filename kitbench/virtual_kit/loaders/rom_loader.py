"""The serial loader in the ESP32's ROM (revision 3): a pure state machine, frames in, actions out.

Source: esptool documentation, "Serial Protocol", and a record of the ROM's own replies: the value of a response is
sticky, so is the error code; sequence numbers are checked; an unknown opcode gets one reply with the previous opcode.
"""

import struct
import zlib
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from kitbench.flash_format.app_image import checksum
from kitbench.virtual_kit.hardware.address_space import AddressSpace
from kitbench.virtual_kit.hardware.flash_image import SECTOR_SIZE, FlashImage, FlashRangeError
from kitbench.virtual_kit.loaders import slip
from kitbench.virtual_kit.loaders.loader_protocol import (
    DATA_HEADER,
    Action,
    BootFlash,
    Opcode,
    Request,
    RunCode,
    Send,
    SetBaud,
    SoftwareReset,
    response_header,
)

_SYNC_REPLIES: Final = 8
_SLOW_READ_SIZE: Final = 64
_INFLATE_STEP: Final = 0x8000


class RomError(IntEnum):
    """Second status byte of a failure; esptool documentation, "ROM Loader Errors"."""

    INVALID_MESSAGE = 0x05
    FAILED_TO_ACT = 0x06
    INVALID_CRC = 0x07
    FLASH_READ = 0x09
    FLASH_READ_LENGTH = 0x0A
    DEFLATE = 0x0B
    DEFLATE_CHECKSUM = 0x0C


class RomLoaderError(Exception):
    """A command failed; the reply carries the code."""

    def __init__(self, code: RomError) -> None:
        super().__init__(code.name)
        self.code = code


class _Transfer:
    """A sequence of blocks announced by a BEGIN: next sequence number and address, blocks still due."""

    def __init__(self, opcode: int, blocks: int, address: int) -> None:
        self.opcode = opcode
        self.blocks_due = blocks
        self.address = address
        self.sequence = 0
        self.inflater = zlib.decompressobj()


class RomLoader:
    """Answers as the ROM in download mode does; what only the chip can do comes back as actions."""

    def __init__(self, flash: FlashImage, memory: AddressSpace) -> None:
        self._flash = flash
        self._memory = memory
        self._decoder = slip.SlipDecoder()
        self._opcode = 0
        self._value = 0
        self._error = 0
        self._flash_size = flash.size
        self._transfer: _Transfer | None = None
        self.is_synchronised = False
        self._handlers: dict[int, Callable[[Request], list[Action]]] = {
            Opcode.SYNC: self._sync,
            Opcode.READ_REG: self._read_register,
            Opcode.WRITE_REG: self._write_registers,
            Opcode.SPI_ATTACH: self._spi_attach,
            Opcode.SPI_SET_PARAMS: self._spi_set_params,
            Opcode.CHANGE_BAUDRATE: self._change_baud,
            Opcode.MEM_BEGIN: self._mem_begin,
            Opcode.MEM_DATA: self._data,
            Opcode.MEM_END: self._mem_end,
            Opcode.FLASH_BEGIN: self._flash_begin,
            Opcode.FLASH_DATA: self._data,
            Opcode.FLASH_END: self._flash_end,
            Opcode.FLASH_DEFL_BEGIN: self._flash_begin,
            Opcode.FLASH_DEFL_DATA: self._data,
            Opcode.FLASH_DEFL_END: self._flash_end,
            Opcode.SPI_FLASH_MD5: self._flash_md5,
            Opcode.READ_FLASH_SLOW: self._read_flash,
        }

    def receive(self, data: bytes) -> list[Action]:
        """Take bytes from UART0; return replies and what else follows, in order."""
        actions: list[Action] = []
        for frame in self._decoder.feed(data):
            actions += self._handle(frame)
        return actions

    def _handle(self, frame: bytes) -> list[Action]:
        request = Request.from_frame(frame)
        handler = None if request is None or not request.is_request else self._handlers.get(request.opcode)
        if request is None or handler is None:
            # The opcode of the reply stays that of the last command understood.
            return [self._reply(error=RomError.INVALID_MESSAGE)]
        self._opcode = request.opcode
        try:
            return handler(request)
        except RomLoaderError as error:
            return [self._reply(error=error.code)]

    def _reply(self, body: bytes = b"", *, error: RomError | None = None) -> Send:
        """Frame a response; a success repeats the code of the last error, as the ROM does."""
        if error is not None:
            self._error = error
        status = bytes([error is not None, self._error, 0, 0])
        return Send(slip.encode(response_header(self._opcode, len(body) + 4, self._value) + body + status))

    def _sync(self, request: Request) -> list[Action]:
        self.is_synchronised = True
        # By a value that is not zero esptool tells the ROM from its stub.
        (self._value,) = request.words(1)
        return [self._reply()] * _SYNC_REPLIES

    def _read_register(self, request: Request) -> list[Action]:
        _require(request, 4)
        self._value = self._memory.read(request.words(1)[0])
        return [self._reply()]

    def _write_registers(self, request: Request) -> list[Action]:
        _require(request, 16)
        # As many as there are: the length field is not looked at. The fourth word, a delay, changes nothing here.
        for address, value, mask, _ in struct.iter_unpack("<IIII", request.data[: len(request.data) // 16 * 16]):
            self._memory.write(address, value, mask)
        return [self._reply()]

    def _spi_attach(self, request: Request) -> list[Action]:
        _require(request, 4)  # esptool sends a ROM 8 bytes, and a stub 4
        return [self._reply()]

    def _spi_set_params(self, request: Request) -> list[Action]:
        _require(request, 24)
        self._flash_size = min(request.words(2)[1], self._flash.size)
        return [self._reply()]

    def _change_baud(self, request: Request) -> list[Action]:
        _require(request, 8)
        baud = request.words(1)[0]
        # In this order: the reply still goes out at the old rate.
        return [self._reply(), SetBaud(baud)]

    def _mem_begin(self, request: Request) -> list[Action]:
        _require(request, 16)
        _, blocks, _, address = request.words(4)
        self._transfer = _Transfer(Opcode.MEM_DATA, blocks, address)
        return [self._reply()]

    def _mem_end(self, request: Request) -> list[Action]:
        _require(request, 8)
        stay, entry = request.words(2)
        self._transfer = None
        if stay:
            return [self._reply()]
        return [self._reply(), RunCode(entry) if entry else BootFlash()]

    def _flash_begin(self, request: Request) -> list[Action]:
        _require(request, 16)
        size, blocks, _, offset = request.words(4)
        end = -(-(offset + size) // SECTOR_SIZE) * SECTOR_SIZE
        if offset % SECTOR_SIZE or end > self._flash_size:
            raise RomLoaderError(RomError.FAILED_TO_ACT)
        # All at once, up front: hosts wait longer for this reply the more there is to erase.
        self._flash.erase(offset, end - offset)
        # The opcode of each DATA follows that of its BEGIN.
        self._transfer = _Transfer(request.opcode + 1, blocks, offset)
        return [self._reply()]

    def _data(self, request: Request) -> list[Action]:
        """MEM_DATA, FLASH_DATA, FLASH_DEFL_DATA: sequence first, then checksum, then the block itself."""
        _require(request, DATA_HEADER.size)
        size, sequence, _, _ = DATA_HEADER.unpack_from(request.data)
        block = request.data[DATA_HEADER.size :][:size]
        transfer = self._transfer
        if transfer is None or transfer.opcode != request.opcode or transfer.sequence != sequence or len(block) < size:
            raise RomLoaderError(RomError.INVALID_MESSAGE)
        # A block with a bad checksum uses up its number, yet not its address: what the host repeats is refused.
        transfer.sequence += 1
        transfer.blocks_due -= 1  # below zero, too: blocks past the announced count are written
        if checksum([block]) != request.checksum & 0xFF:  # of the field's four bytes only the lowest counts
            raise RomLoaderError(RomError.INVALID_CRC)
        self._store(transfer, block)
        return [self._reply()]

    def _store(self, transfer: _Transfer, block: bytes) -> None:
        if transfer.opcode == Opcode.MEM_DATA:
            if not self._memory.load(transfer.address, block):
                raise RomLoaderError(RomError.FAILED_TO_ACT)
            transfer.address += len(block)
        elif transfer.opcode == Opcode.FLASH_DATA:
            self._program(transfer, block)
        else:
            self._inflate(transfer, block)

    def _inflate(self, transfer: _Transfer, block: bytes) -> None:
        """Program what the zlib stream yields, a step at a time, so that a bomb cannot fill the host's memory."""
        try:
            while block and not transfer.inflater.eof:
                self._program(transfer, transfer.inflater.decompress(block, _INFLATE_STEP))
                block = transfer.inflater.unconsumed_tail
        except zlib.error as error:
            is_checksum = "incorrect data check" in str(error)
            raise RomLoaderError(RomError.DEFLATE_CHECKSUM if is_checksum else RomError.DEFLATE) from error

    def _program(self, transfer: _Transfer, data: bytes) -> None:
        try:
            self._flash.program(transfer.address, data)
        except FlashRangeError as error:
            raise RomLoaderError(RomError.FAILED_TO_ACT) from error
        transfer.address += len(data)

    def _flash_end(self, request: Request) -> list[Action]:
        _require(request, 4)
        (stay,) = request.words(1)
        transfer, self._transfer = self._transfer, None
        is_complete = transfer is not None and transfer.opcode != Opcode.MEM_DATA and transfer.blocks_due <= 0
        reply = self._reply(error=None if is_complete else RomError.FAILED_TO_ACT)
        # What goes wrong is told, and done all the same.
        if not stay:
            return [reply, SoftwareReset()]
        return [reply] if request.opcode == Opcode.FLASH_DEFL_END else [reply, BootFlash()]

    def _flash_md5(self, request: Request) -> list[Action]:
        _require(request, 16)
        offset, size = request.words(2)
        try:
            digest = self._flash.md5(offset, size)
        except FlashRangeError as error:
            raise RomLoaderError(RomError.FLASH_READ) from error
        return [self._reply(digest.hex().encode())]

    def _read_flash(self, request: Request) -> list[Action]:
        _require(request, 8)
        offset, size = request.words(2)
        if size > _SLOW_READ_SIZE:
            raise RomLoaderError(RomError.FLASH_READ_LENGTH)
        try:
            block = self._flash.read(offset, size)
        except FlashRangeError as error:
            raise RomLoaderError(RomError.FLASH_READ) from error
        # However little was asked for, the reply has its full length.
        return [self._reply(block.ljust(_SLOW_READ_SIZE, b"\0"))]


def _require(request: Request, size: int) -> None:
    """Refuse a request that is too short for its command."""
    if len(request.data) < size:
        raise RomLoaderError(RomError.INVALID_MESSAGE)
