"""Flasher stub v2 (esp-flasher-stub), which esptool uploads by default: a pure state machine.

Source: espressif/esp-flasher-stub, `src/command_handler.c` and `src/commands.h`. Data blocks are acknowledged before
they are processed, so what goes wrong with them is told by the reply to the next command.
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
from kitbench.virtual_kit.loaders.stub_commands import SYNC_SIZE, Handler, StubCommands, StubError, write_registers
from kitbench.virtual_kit.loaders.stub_transfer import MAX_READ_BLOCK

_GET_SECURITY_INFO: Final = 0x14
_PLUGIN_OPCODES: Final = range(0xD5, 0xDF)


class StubCommandError(Exception):
    """A command failed; the reply carries the code."""

    def __init__(self, code: StubError) -> None:
        super().__init__(code.name)
        self.code = code


#: Opcode → length of its data, where only one is right.
_EXACT_LENGTHS: Final = {
    Opcode.SYNC: SYNC_SIZE,
    Opcode.FLASH_END: 4,
    Opcode.FLASH_DEFL_END: 4,
    Opcode.MEM_BEGIN: 16,
    Opcode.MEM_END: 8,
    Opcode.READ_REG: 4,
    Opcode.SPI_ATTACH: 4,
    Opcode.SPI_SET_PARAMS: 24,
    Opcode.CHANGE_BAUDRATE: 8,
    Opcode.SPI_FLASH_MD5: 16,
    Opcode.READ_FLASH: 16,
    Opcode.ERASE_FLASH: 0,
    Opcode.ERASE_REGION: 8,
}


class FlasherStub(StubCommands):
    """Answers as stub v2 does."""

    def __init__(self, flash: FlashImage, memory: AddressSpace) -> None:
        super().__init__(flash, memory)
        self._late_error = StubError.OK

    def _handle(self, request: Request) -> list[Action]:
        try:
            return self._checked_handler(request)(request)
        except StubCommandError as error:
            return [self._reply(request, error=error.code)]
        except FlashRangeError:
            return [self._reply(request, error=StubError.FAILED_SPI_OPERATION)]

    def _checked_handler(self, request: Request) -> Handler:
        if not request.is_request:
            raise StubCommandError(StubError.INVALID_COMMAND)
        if request.length != len(request.data):
            raise StubCommandError(StubError.BAD_DATA_LENGTH)
        if self._late_error:
            code, self._late_error = self._late_error, StubError.OK
            raise StubCommandError(code)
        handler = self._handlers.get(request.opcode)
        if handler is None:
            is_known = request.opcode == _GET_SECURITY_INFO or request.opcode in _PLUGIN_OPCODES
            raise StubCommandError(StubError.NOT_IMPLEMENTED if is_known else StubError.INVALID_COMMAND)
        if len(request.data) != _EXACT_LENGTHS.get(Opcode(request.opcode), len(request.data)):
            raise StubCommandError(StubError.BAD_DATA_LENGTH)
        return handler

    def _write_registers(self, request: Request) -> list[Action]:
        if not request.data or len(request.data) % 16:
            raise StubCommandError(StubError.NOT_ENOUGH_DATA)
        write_registers(self._memory, request.data)
        return [self._reply(request)]

    def _mem_data(self, request: Request) -> list[Action]:
        if len(request.data) < DATA_HEADER.size:
            raise StubCommandError(StubError.NOT_ENOUGH_DATA)
        if self._ram_address is None:
            raise StubCommandError(StubError.NOT_IN_FLASH_MODE)
        block = request.data[DATA_HEADER.size :]
        (size,) = request.words(1)
        if size > self._ram_remaining or size != len(block):
            raise StubCommandError(StubError.TOO_MUCH_DATA)
        self._load(self._ram_address, block)
        return [self._reply(request)]

    def _mem_end(self, request: Request) -> list[Action]:
        if self._ram_address is None:
            raise StubCommandError(StubError.NOT_IN_FLASH_MODE)
        self._ram_address = None
        stay, entry = request.words(2)
        return [self._reply(request)] if stay else [self._reply(request), RunCode(entry)]

    def _flash_begin(self, request: Request) -> list[Action]:
        if len(request.data) not in {16, 20}:
            raise StubCommandError(StubError.BAD_DATA_LENGTH)
        size, _, _, offset, encrypt = request.words(5)
        if size:
            # The stub looks at the first sector, and fails where the chip has none. Flash encryption is not modelled.
            self._flash.read(offset // SECTOR_SIZE * SECTOR_SIZE, SECTOR_SIZE)
        if encrypt:
            raise StubCommandError(StubError.FAILED_SPI_OPERATION)
        self._begin_write(request, offset=offset, size=size)
        return [self._reply(request)]

    def _flash_data(self, request: Request) -> list[Action]:
        is_deflated = request.opcode == Opcode.FLASH_DEFL_DATA
        if len(request.data) < DATA_HEADER.size:
            raise StubCommandError(StubError.BAD_DATA_LENGTH if is_deflated else StubError.NOT_ENOUGH_DATA)
        if self._write is None:
            raise StubCommandError(StubError.NOT_IN_FLASH_MODE)
        block = request.data[DATA_HEADER.size :]
        (size,) = request.words(1)
        if not is_deflated and size != len(block):
            raise StubCommandError(StubError.TOO_MUCH_DATA)
        block = block[:size]
        if checksum([block]) != request.checksum:
            raise StubCommandError(StubError.BAD_DATA_CHECKSUM)
        try:
            self._write.write(block)
        except zlib.error:
            self._late_error = StubError.INFLATE
        except FlashRangeError:
            self._late_error = StubError.FAILED_SPI_OPERATION
        return [self._reply(request)]

    def _flash_end(self, request: Request) -> list[Action]:
        if self._write is None:
            raise StubCommandError(StubError.NOT_IN_FLASH_MODE)
        if self._write.remaining:
            raise StubCommandError(StubError.FAILED_SPI_OPERATION)
        self._write = None
        (stay,) = request.words(1)
        return [self._reply(request)] if stay else [self._reply(request), SoftwareReset()]

    def _flash_md5(self, request: Request) -> list[Action]:
        offset, size = request.words(2)
        return [self._reply(request, body=self._flash.md5(offset, size))]

    def _read_flash(self, request: Request) -> list[Action]:
        offset, size, block_size, _ = request.words(4)
        actions: list[Action] = [self._reply(request)]
        if not 0 < block_size <= MAX_READ_BLOCK:
            self._late_error = StubError.BAD_DATA_LENGTH
            return actions
        # Whatever window the host asks for, the stub takes it as one packet (a bug of v1 that hosts rely on).
        return actions + self._begin_read(offset=offset, size=size, block_size=block_size, window=1)

    def _read_failed(self) -> None:
        self._late_error = StubError.FAILED_SPI_OPERATION

    def _erase_region(self, request: Request) -> list[Action]:
        offset, size = request.words(2)
        if offset % SECTOR_SIZE or size % SECTOR_SIZE:
            raise StubCommandError(StubError.BAD_DATA_LENGTH)
        self._flash.erase(offset, size)
        return [self._reply(request)]

    def _reply(self, request: Request, *, body: bytes = b"", value: int = 0, error: int = StubError.OK) -> Send:
        status = bytes([error, 0])
        return Send(slip.encode(response_header(request.opcode, len(body) + len(status), value) + body + status))
