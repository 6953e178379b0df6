"""Flasher stub v1, which esptool uploads with ESPTOOL_STUB_VERSION=1: a pure state machine.

Source: espressif/esptool-legacy-flasher-stub, `flasher_stub/stub_flasher.c`, `stub_commands.c`,
`stub_write_flash.c`. It looks at neither direction nor frame length; the first error of a write sticks until it ends.
"""

import zlib
from typing import Final

from kitbench.flash_format.app_image import checksum
from kitbench.virtual_kit.hardware.address_space import AddressSpace
from kitbench.virtual_kit.hardware.flash_image import SECTOR_SIZE, FlashImage, FlashRangeError
from kitbench.virtual_kit.loaders import slip
from kitbench.virtual_kit.loaders.loader_protocol import (
    DATA_HEADER,
    Action,
    Opcode,
    Request,
    RunCode,
    Send,
    SoftwareReset,
    response_header,
)
from kitbench.virtual_kit.loaders.stub_commands import SYNC_SIZE, StubCommands, StubError, write_registers
from kitbench.virtual_kit.loaders.stub_transfer import MAX_READ_BLOCK, FlashWrite

_MAX_WRITE_BLOCK: Final = 0x4000
#: `verify_data_len(…) || handler(…)`: C's logical or makes every failure of these commands a 1.
_MERGED_FAILURE: Final = 0x01

#: Opcode → length of its data; a wrong one is told as such …
_LENGTHS: Final = {Opcode.SYNC: SYNC_SIZE, Opcode.READ_REG: 4, Opcode.CHANGE_BAUDRATE: 8, Opcode.READ_FLASH: 16}
#: … or merged into 1.
_MERGED_LENGTHS: Final = {
    Opcode.ERASE_FLASH: 0,
    Opcode.ERASE_REGION: 8,
    Opcode.SPI_FLASH_MD5: 16,
    Opcode.SPI_SET_PARAMS: 24,
    Opcode.SPI_ATTACH: 4,
    Opcode.MEM_BEGIN: 16,
    Opcode.MEM_END: 8,
}


class LegacyFlasherStub(StubCommands):
    """Answers as stub v1 does."""

    def __init__(self, flash: FlashImage, memory: AddressSpace) -> None:
        super().__init__(flash, memory)
        self._write_error = StubError.OK

    def _handle(self, request: Request) -> list[Action]:
        if request.length > _MAX_WRITE_BLOCK + DATA_HEADER.size:
            return [self._reply(request, error=StubError.BAD_DATA_LENGTH, status=0xEE)]
        handler = self._handlers.get(request.opcode)
        if handler is None:
            return [self._reply(request, error=StubError.NOT_IMPLEMENTED)]
        opcode = Opcode(request.opcode)
        if request.length != _LENGTHS.get(opcode, request.length):
            return [self._reply(request, error=StubError.BAD_DATA_LENGTH)]
        if request.length != _MERGED_LENGTHS.get(opcode, request.length):
            return [self._reply(request, error=_MERGED_FAILURE)]
        return handler(request)

    def _write_registers(self, request: Request) -> list[Action]:
        if len(request.data) % 16:
            return [self._reply(request, error=StubError.BAD_DATA_LENGTH)]
        write_registers(self._memory, request.data)
        return [self._reply(request)]

    def _mem_data(self, request: Request) -> list[Action]:
        block = request.data[DATA_HEADER.size :]
        error = StubError.OK
        if self._ram_address is None:
            error = StubError.NOT_IN_FLASH_MODE if block else StubError.OK
        elif len(block) > self._ram_remaining:
            error = StubError.TOO_MUCH_DATA
        elif len(block) % 4:
            error = StubError.BAD_DATA_LENGTH
        else:
            self._load(self._ram_address, block)
        return [self._reply(request, error=error)]

    def _mem_end(self, request: Request) -> list[Action]:
        is_complete = self._ram_remaining == 0
        self._ram_address, self._ram_remaining = None, 0
        if not is_complete:
            return [self._reply(request, error=_MERGED_FAILURE)]
        _, entry = request.words(2)
        return [self._reply(request), RunCode(entry)] if entry else [self._reply(request)]

    def _flash_begin(self, request: Request) -> list[Action]:
        if request.length not in {16, 20}:
            return [self._reply(request, error=StubError.BAD_DATA_LENGTH)]
        size, _, block_size, offset, encrypt = request.words(5)
        if block_size > _MAX_WRITE_BLOCK:
            return [self._reply(request, error=StubError.BAD_BLOCK_SIZE)]
        if encrypt:  # flash encryption is not modelled
            return [self._reply(request, error=StubError.FAILED_SPI_OPERATION)]
        self._begin_write(request, offset=offset, size=size)
        self._write_error = StubError.OK
        return [self._reply(request)]

    def _flash_data(self, request: Request) -> list[Action]:
        if self._write is None:
            return [self._reply(request, error=StubError.NOT_IN_FLASH_MODE)]
        block = request.data[DATA_HEADER.size :]
        error = self._write_error
        if request.words(1)[0] != len(block):
            error = StubError.BAD_DATA_LENGTH
        if checksum([block]) != request.checksum:
            error = StubError.BAD_DATA_CHECKSUM
        if error == StubError.OK:
            self._process(self._write, block, is_deflated=request.opcode == Opcode.FLASH_DEFL_DATA)
        return [self._reply(request, error=error)]

    def _process(self, write: FlashWrite, block: bytes, *, is_deflated: bool) -> None:
        """Write a block after its acknowledgement; the next reply tells what went wrong."""
        if is_deflated and not write.remaining and len(block) > 4:  # no part of the stream's checksum
            self._write_error = StubError.TOO_MUCH_DATA
            return
        try:
            write.write(block)
        except zlib.error:
            self._write_error = StubError.INFLATE
        except FlashRangeError:
            self._write_error = StubError.FAILED_SPI_OPERATION

    def _flash_end(self, request: Request) -> list[Action]:
        if self._write is None:
            return [self._reply(request, error=StubError.NOT_IN_FLASH_MODE)]
        if self._write.remaining:
            return [self._reply(request, error=StubError.NOT_ENOUGH_DATA)]
        self._write = None
        reply = self._reply(request, error=self._write_error)
        return [reply, SoftwareReset()] if self._write_error == StubError.OK and not request.words(1)[0] else [reply]

    def _flash_md5(self, request: Request) -> list[Action]:
        offset, size = request.words(2)
        try:
            return [self._reply(request, body=self._flash.md5(offset, size))]
        except FlashRangeError:
            return [self._reply(request, error=_MERGED_FAILURE)]

    def _read_flash(self, request: Request) -> list[Action]:
        offset, size, block_size, window = request.words(4)
        actions: list[Action] = [self._reply(request)]
        if not 0 < block_size <= MAX_READ_BLOCK:
            return actions
        # The window counts bytes here, so that hosts that mean packets get one at a time.
        return actions + self._begin_read(offset=offset, size=size, block_size=block_size, window=max(window, 1))

    def _read_failed(self) -> None:
        """Drop the error: version 1 of the stub has no reply left for it."""

    def _erase_region(self, request: Request) -> list[Action]:
        offset, size = request.words(2)
        if offset % SECTOR_SIZE or size % SECTOR_SIZE or offset + size > self._flash.size:
            return [self._reply(request, error=_MERGED_FAILURE)]
        self._flash.erase(offset, size)
        return [self._reply(request)]

    def _reply(
        self, request: Request, *, body: bytes = b"", value: int = 0, error: int = StubError.OK, status: int = 0
    ) -> Send:
        # The header is sent before the command is looked at: a failed MD5 still announces its 16 bytes.
        length = 18 if request.opcode == Opcode.SPI_FLASH_MD5 else 2
        return Send(slip.encode(response_header(request.opcode, length, value) + body + bytes([error, status])))
