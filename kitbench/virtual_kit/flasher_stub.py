"""Flasher stub v2 (esp-flasher-stub), which esptool uploads by default: a pure state machine.

Source: espressif/esp-flasher-stub, `src/command_handler.c` and `src/commands.h`. Data blocks are acknowledged before
they are processed, so what goes wrong with them is told by the reply to the next command.
"""

import struct
import zlib
from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Final

from kitbench.flash_format.app_image import checksum
from kitbench.virtual_kit import slip
from kitbench.virtual_kit.address_space import AddressSpace
from kitbench.virtual_kit.flash_image import SECTOR_SIZE, FlashImage, FlashRangeError
from kitbench.virtual_kit.loader_protocol import (
    DATA_HEADER,
    Action,
    Opcode,
    Request,
    RunCode,
    Send,
    SetBaud,
    SoftwareReset,
    response_header,
)
from kitbench.virtual_kit.stub_transfer import MAX_READ_BLOCK, FlashRead, FlashWrite

#: What a stub sends when it runs.
GREETING: Final = slip.encode(b"OHAI")
SYNC_REPLIES: Final = 8
SYNC_SIZE: Final = 36
_RUN_USER_CODE: Final = 0xD3
_GET_SECURITY_INFO: Final = 0x14
_PLUGIN_OPCODES: Final = range(0xD5, 0xDF)


class StubError(IntEnum):
    """First status byte of a failure; `esp_response_code`."""

    OK = 0x00
    BAD_DATA_LENGTH = 0xC0
    BAD_DATA_CHECKSUM = 0xC1
    BAD_BLOCK_SIZE = 0xC2
    INVALID_COMMAND = 0xC3
    FAILED_SPI_OPERATION = 0xC4
    NOT_IN_FLASH_MODE = 0xC6
    INFLATE = 0xC7
    NOT_ENOUGH_DATA = 0xC8
    TOO_MUCH_DATA = 0xC9
    NOT_IMPLEMENTED = 0xFF


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


class FlasherStub:
    """Answers as stub v2 does."""

    def __init__(self, flash: FlashImage, memory: AddressSpace) -> None:
        self._flash = flash
        self._memory = memory
        self._decoder = slip.SlipDecoder()
        self._late_error = StubError.OK
        self._write: FlashWrite | None = None
        self._read: FlashRead | None = None
        self._ram_address: int | None = None
        self._ram_remaining = 0
        self._handlers: dict[int, Callable[[Request], list[Action]]] = {
            Opcode.SYNC: lambda request: [_reply(request)] * SYNC_REPLIES,
            Opcode.READ_REG: self._read_register,
            Opcode.WRITE_REG: self._write_registers,
            Opcode.SPI_ATTACH: lambda request: [_reply(request)],
            Opcode.SPI_SET_PARAMS: lambda request: [_reply(request)],
            Opcode.CHANGE_BAUDRATE: lambda request: [_reply(request), SetBaud(request.words(1)[0])],
            Opcode.MEM_BEGIN: self._mem_begin,
            Opcode.MEM_DATA: self._mem_data,
            Opcode.MEM_END: self._mem_end,
            Opcode.FLASH_BEGIN: self._flash_begin,
            Opcode.FLASH_DATA: self._flash_data,
            Opcode.FLASH_END: self._flash_end,
            Opcode.FLASH_DEFL_BEGIN: self._flash_begin,
            Opcode.FLASH_DEFL_DATA: self._flash_data,
            Opcode.FLASH_DEFL_END: self._flash_end,
            Opcode.SPI_FLASH_MD5: self._flash_md5,
            Opcode.READ_FLASH: self._read_flash,
            Opcode.ERASE_FLASH: self._erase_flash,
            Opcode.ERASE_REGION: self._erase_region,
        }

    def receive(self, data: bytes) -> list[Action]:
        """Take bytes from UART0; return replies and what else follows, in order."""
        actions: list[Action] = []
        for frame in self._decoder.feed(data):
            if self._read is not None:
                actions += self._stream(self._read.acknowledge(frame))
            else:
                actions += self._handle(frame)
        return actions

    def _handle(self, frame: bytes) -> list[Action]:
        request = Request.from_frame(frame)
        if request is None or request.opcode == _RUN_USER_CODE:
            return []
        try:
            return self._checked_handler(request)(request)
        except StubCommandError as error:
            return [_reply(request, error=error.code)]
        except FlashRangeError:
            return [_reply(request, error=StubError.FAILED_SPI_OPERATION)]

    def _checked_handler(self, request: Request) -> Callable[[Request], list[Action]]:
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

    def _read_register(self, request: Request) -> list[Action]:
        return [_reply(request, value=self._memory.read(request.words(1)[0]))]

    def _write_registers(self, request: Request) -> list[Action]:
        if not request.data or len(request.data) % 16:
            raise StubCommandError(StubError.NOT_ENOUGH_DATA)
        write_registers(self._memory, request.data)
        return [_reply(request)]

    def _mem_begin(self, request: Request) -> list[Action]:
        self._ram_remaining, _, _, self._ram_address = request.words(4)
        return [_reply(request)]

    def _mem_data(self, request: Request) -> list[Action]:
        if len(request.data) < DATA_HEADER.size:
            raise StubCommandError(StubError.NOT_ENOUGH_DATA)
        if self._ram_address is None:
            raise StubCommandError(StubError.NOT_IN_FLASH_MODE)
        block = request.data[DATA_HEADER.size :]
        (size,) = request.words(1)
        if size > self._ram_remaining or size != len(block):
            raise StubCommandError(StubError.TOO_MUCH_DATA)
        self._memory.load(self._ram_address, block)
        self._ram_address += size
        self._ram_remaining -= size
        return [_reply(request)]

    def _mem_end(self, request: Request) -> list[Action]:
        if self._ram_address is None:
            raise StubCommandError(StubError.NOT_IN_FLASH_MODE)
        self._ram_address = None
        stay, entry = request.words(2)
        return [_reply(request)] if stay else [_reply(request), RunCode(entry)]

    def _flash_begin(self, request: Request) -> list[Action]:
        if len(request.data) not in {16, 20}:
            raise StubCommandError(StubError.BAD_DATA_LENGTH)
        size, _, _, offset, encrypt = request.words(5)
        if size:
            # The stub looks at the first sector, and fails where the chip has none. Flash encryption is not modelled.
            self._flash.read(offset // SECTOR_SIZE * SECTOR_SIZE, SECTOR_SIZE)
        if encrypt:
            raise StubCommandError(StubError.FAILED_SPI_OPERATION)
        is_deflated = request.opcode == Opcode.FLASH_DEFL_BEGIN
        self._write = FlashWrite(self._flash, offset=offset, size=size, is_deflated=is_deflated)
        return [_reply(request)]

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
        return [_reply(request)]

    def _flash_end(self, request: Request) -> list[Action]:
        if self._write is None:
            raise StubCommandError(StubError.NOT_IN_FLASH_MODE)
        if self._write.remaining:
            raise StubCommandError(StubError.FAILED_SPI_OPERATION)
        self._write = None
        (stay,) = request.words(1)
        return [_reply(request)] if stay else [_reply(request), SoftwareReset()]

    def _flash_md5(self, request: Request) -> list[Action]:
        offset, size = request.words(2)
        return [_reply(request, body=self._flash.md5(offset, size))]

    def _read_flash(self, request: Request) -> list[Action]:
        offset, size, block_size, _ = request.words(4)
        actions: list[Action] = [_reply(request)]
        if not 0 < block_size <= MAX_READ_BLOCK:
            self._late_error = StubError.BAD_DATA_LENGTH
            return actions
        # Whatever window the host asks for, the stub takes it as one packet (a bug of v1 that hosts rely on).
        self._read = FlashRead(self._flash, offset=offset, size=size, block_size=block_size, window=1)
        return actions + self._stream(self._read.blocks())

    def _stream(self, payloads: Iterable[bytes]) -> list[Action]:
        actions: list[Action] = []
        try:
            actions += [Send(slip.encode(payload)) for payload in payloads]
        except FlashRangeError:
            self._late_error, self._read = StubError.FAILED_SPI_OPERATION, None
        if self._read is not None and self._read.is_finished:
            self._read = None
        return actions

    def _erase_flash(self, request: Request) -> list[Action]:
        self._flash.erase(0, self._flash.size)
        return [_reply(request)]

    def _erase_region(self, request: Request) -> list[Action]:
        offset, size = request.words(2)
        if offset % SECTOR_SIZE or size % SECTOR_SIZE:
            raise StubCommandError(StubError.BAD_DATA_LENGTH)
        self._flash.erase(offset, size)
        return [_reply(request)]


def write_registers(memory: AddressSpace, data: bytes) -> None:
    """Do the writes of a WRITE_REG command: address, value, mask, delay each."""
    for address, value, mask, _ in struct.iter_unpack("<IIII", data):
        memory.write(address, value, mask)


def _reply(request: Request, *, body: bytes = b"", value: int = 0, error: StubError = StubError.OK) -> Send:
    status = bytes([error, 0])
    return Send(slip.encode(response_header(request.opcode, len(body) + len(status), value) + body + status))
