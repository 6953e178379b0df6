"""Flasher stub v1, which esptool uploads with ESPTOOL_STUB_VERSION=1: a pure state machine.

Source: espressif/esptool-legacy-flasher-stub, `flasher_stub/stub_flasher.c`, `stub_commands.c`,
`stub_write_flash.c`. It looks at neither direction nor frame length; the first error of a write sticks until it ends.
"""

import zlib
from collections.abc import Callable, Iterable
from typing import Final

from kitbench.flash_format.app_image import checksum
from kitbench.virtual_kit import slip
from kitbench.virtual_kit.address_space import AddressSpace
from kitbench.virtual_kit.flash_image import SECTOR_SIZE, FlashImage, FlashRangeError
from kitbench.virtual_kit.flasher_stub import SYNC_REPLIES, SYNC_SIZE, StubError, write_registers
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

_MAX_WRITE_BLOCK: Final = 0x4000
_RUN_USER_CODE: Final = 0xD3
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


class LegacyFlasherStub:
    """Answers as stub v1 does."""

    def __init__(self, flash: FlashImage, memory: AddressSpace) -> None:
        self._flash = flash
        self._memory = memory
        self._decoder = slip.SlipDecoder()
        self._write: FlashWrite | None = None
        self._write_error = StubError.OK
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
        if request.length > _MAX_WRITE_BLOCK + DATA_HEADER.size:
            return [_reply(request, error=StubError.BAD_DATA_LENGTH, status=0xEE)]
        handler = self._handlers.get(request.opcode)
        if handler is None:
            return [_reply(request, error=StubError.NOT_IMPLEMENTED)]
        opcode = Opcode(request.opcode)
        if request.length != _LENGTHS.get(opcode, request.length):
            return [_reply(request, error=StubError.BAD_DATA_LENGTH)]
        if request.length != _MERGED_LENGTHS.get(opcode, request.length):
            return [_reply(request, error=_MERGED_FAILURE)]
        return handler(request)

    def _read_register(self, request: Request) -> list[Action]:
        return [_reply(request, value=self._memory.read(request.words(1)[0]))]

    def _write_registers(self, request: Request) -> list[Action]:
        if len(request.data) % 16:
            return [_reply(request, error=StubError.BAD_DATA_LENGTH)]
        write_registers(self._memory, request.data)
        return [_reply(request)]

    def _mem_begin(self, request: Request) -> list[Action]:
        self._ram_remaining, _, _, self._ram_address = request.words(4)
        return [_reply(request)]

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
            self._memory.load(self._ram_address, block)
            self._ram_address += len(block)
            self._ram_remaining -= len(block)
        return [_reply(request, error=error)]

    def _mem_end(self, request: Request) -> list[Action]:
        is_complete = self._ram_remaining == 0
        self._ram_address, self._ram_remaining = None, 0
        if not is_complete:
            return [_reply(request, error=_MERGED_FAILURE)]
        _, entry = request.words(2)
        return [_reply(request), RunCode(entry)] if entry else [_reply(request)]

    def _flash_begin(self, request: Request) -> list[Action]:
        if request.length not in {16, 20}:
            return [_reply(request, error=StubError.BAD_DATA_LENGTH)]
        size, _, block_size, offset, encrypt = request.words(5)
        if block_size > _MAX_WRITE_BLOCK:
            return [_reply(request, error=StubError.BAD_BLOCK_SIZE)]
        if encrypt:  # flash encryption is not modelled
            return [_reply(request, error=StubError.FAILED_SPI_OPERATION)]
        is_deflated = request.opcode == Opcode.FLASH_DEFL_BEGIN
        self._write = FlashWrite(self._flash, offset=offset, size=size, is_deflated=is_deflated)
        self._write_error = StubError.OK
        return [_reply(request)]

    def _flash_data(self, request: Request) -> list[Action]:
        if self._write is None:
            return [_reply(request, error=StubError.NOT_IN_FLASH_MODE)]
        block = request.data[DATA_HEADER.size :]
        error = self._write_error
        if request.words(1)[0] != len(block):
            error = StubError.BAD_DATA_LENGTH
        if checksum([block]) != request.checksum:
            error = StubError.BAD_DATA_CHECKSUM
        if error == StubError.OK:
            self._process(self._write, block, is_deflated=request.opcode == Opcode.FLASH_DEFL_DATA)
        return [_reply(request, error=error)]

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
            return [_reply(request, error=StubError.NOT_IN_FLASH_MODE)]
        if self._write.remaining:
            return [_reply(request, error=StubError.NOT_ENOUGH_DATA)]
        self._write = None
        reply = _reply(request, error=self._write_error)
        return [reply, SoftwareReset()] if self._write_error == StubError.OK and not request.words(1)[0] else [reply]

    def _flash_md5(self, request: Request) -> list[Action]:
        offset, size = request.words(2)
        try:
            return [_reply(request, body=self._flash.md5(offset, size))]
        except FlashRangeError:
            return [_reply(request, error=_MERGED_FAILURE)]

    def _read_flash(self, request: Request) -> list[Action]:
        offset, size, block_size, window = request.words(4)
        actions: list[Action] = [_reply(request)]
        if not 0 < block_size <= MAX_READ_BLOCK:
            return actions
        # The window counts bytes here, so that hosts that mean packets get one at a time.
        self._read = FlashRead(self._flash, offset=offset, size=size, block_size=block_size, window=max(window, 1))
        return actions + self._stream(self._read.blocks())

    def _stream(self, payloads: Iterable[bytes]) -> list[Action]:
        actions: list[Action] = []
        try:
            actions += [Send(slip.encode(payload)) for payload in payloads]
        except FlashRangeError:
            self._read = None
        if self._read is not None and self._read.is_finished:
            self._read = None
        return actions

    def _erase_flash(self, request: Request) -> list[Action]:
        self._flash.erase(0, self._flash.size)
        return [_reply(request)]

    def _erase_region(self, request: Request) -> list[Action]:
        offset, size = request.words(2)
        if offset % SECTOR_SIZE or size % SECTOR_SIZE or offset + size > self._flash.size:
            return [_reply(request, error=_MERGED_FAILURE)]
        self._flash.erase(offset, size)
        return [_reply(request)]


def _reply(request: Request, *, body: bytes = b"", value: int = 0, error: int = StubError.OK, status: int = 0) -> Send:
    # The header is sent before the command is looked at: a failed MD5 still announces its 16 bytes.
    length = 18 if request.opcode == Opcode.SPI_FLASH_MD5 else 2
    return Send(slip.encode(response_header(request.opcode, length, value) + body + bytes([error, status])))
