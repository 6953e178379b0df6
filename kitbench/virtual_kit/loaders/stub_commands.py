"""What both flasher stubs do alike: frames in, the stream of a flash read, the commands that fail in neither.

Sources: espressif/esp-flasher-stub `src/command_handler.c`; espressif/esptool-legacy-flasher-stub
`flasher_stub/stub_flasher.c`.
"""

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Final

from kitbench.virtual_kit.hardware.address_space import AddressSpace
from kitbench.virtual_kit.hardware.flash_image import FlashImage, FlashRangeError
from kitbench.virtual_kit.loaders import slip
from kitbench.virtual_kit.loaders.loader_protocol import Action, Opcode, Request, Send, SetBaud
from kitbench.virtual_kit.loaders.stub_transfer import FlashRead, FlashWrite

#: What a stub sends when it runs.
GREETING: Final = slip.encode(b"OHAI")
SYNC_REPLIES: Final = 8
SYNC_SIZE: Final = 36
#: Ends the stub without a reply; what the chip then boots is not modelled.
_RUN_USER_CODE: Final = 0xD3

Handler = Callable[[Request], list[Action]]


class StubError(IntEnum):
    """First status byte of a failure; `esp_response_code` of v2, which kept v1's numbers."""

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


class StubCommands(ABC):
    """A stub's state and the shape of its commands; a version says what goes wrong and how it is told."""

    def __init__(self, flash: FlashImage, memory: AddressSpace) -> None:
        self._flash = flash
        self._memory = memory
        self._decoder = slip.SlipDecoder()
        self._write: FlashWrite | None = None
        self._read: FlashRead | None = None
        self._ram_address: int | None = None
        self._ram_remaining = 0
        self._handlers: dict[int, Handler] = {
            Opcode.SYNC: lambda request: [self._reply(request)] * SYNC_REPLIES,
            Opcode.READ_REG: lambda request: [self._reply(request, value=memory.read(request.words(1)[0]))],
            Opcode.WRITE_REG: self._write_registers,
            Opcode.SPI_ATTACH: lambda request: [self._reply(request)],
            Opcode.SPI_SET_PARAMS: lambda request: [self._reply(request)],
            Opcode.CHANGE_BAUDRATE: lambda request: [self._reply(request), SetBaud(request.words(1)[0])],
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
                continue
            request = Request.from_frame(frame)
            if request is not None and request.opcode != _RUN_USER_CODE:
                actions += self._handle(request)
        return actions

    @abstractmethod
    def _handle(self, request: Request) -> list[Action]: ...

    @abstractmethod
    def _reply(self, request: Request, *, body: bytes = b"", value: int = 0, error: int = StubError.OK) -> Send: ...

    @abstractmethod
    def _write_registers(self, request: Request) -> list[Action]: ...

    def _mem_begin(self, request: Request) -> list[Action]:
        self._ram_remaining, _, _, self._ram_address = request.words(4)
        return [self._reply(request)]

    @abstractmethod
    def _mem_data(self, request: Request) -> list[Action]: ...

    @abstractmethod
    def _mem_end(self, request: Request) -> list[Action]: ...

    def _load(self, address: int, block: bytes) -> None:
        """Put a block into RAM; the next one goes behind it."""
        self._memory.load(address, block)
        self._ram_address = address + len(block)
        self._ram_remaining -= len(block)

    @abstractmethod
    def _flash_begin(self, request: Request) -> list[Action]: ...

    def _begin_write(self, request: Request, *, offset: int, size: int) -> None:
        is_deflated = request.opcode == Opcode.FLASH_DEFL_BEGIN
        self._write = FlashWrite(self._flash, offset=offset, size=size, is_deflated=is_deflated)

    @abstractmethod
    def _flash_data(self, request: Request) -> list[Action]: ...

    @abstractmethod
    def _flash_end(self, request: Request) -> list[Action]: ...

    @abstractmethod
    def _flash_md5(self, request: Request) -> list[Action]: ...

    @abstractmethod
    def _read_flash(self, request: Request) -> list[Action]: ...

    def _begin_read(self, *, offset: int, size: int, block_size: int, window: int) -> list[Action]:
        self._read = FlashRead(self._flash, offset=offset, size=size, block_size=block_size, window=window)
        return self._stream(self._read.blocks())

    def _stream(self, payloads: Iterable[bytes]) -> list[Action]:
        actions: list[Action] = []
        try:
            actions += [Send(slip.encode(payload)) for payload in payloads]
        except FlashRangeError:
            self._read = None
            self._read_failed()
        if self._read is not None and self._read.is_finished:
            self._read = None
        return actions

    @abstractmethod
    def _read_failed(self) -> None:
        """Take note that a read left the chip, which has ended it."""

    def _erase_flash(self, request: Request) -> list[Action]:
        self._flash.erase(0, self._flash.size)
        return [self._reply(request)]

    @abstractmethod
    def _erase_region(self, request: Request) -> list[Action]: ...


def write_registers(memory: AddressSpace, data: bytes) -> None:
    """Do the writes of a WRITE_REG command: address, value, mask, delay each."""
    for address, value, mask, _ in struct.iter_unpack("<IIII", data):
        memory.write(address, value, mask)
