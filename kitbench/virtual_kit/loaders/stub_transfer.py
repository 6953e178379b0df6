"""How a flasher stub writes and reads flash: what stub v1 and v2 share.

Source: espressif/esp-flasher-stub `src/command_handler.c`; espressif/esptool-legacy-flasher-stub
`flasher_stub/stub_write_flash.c`, `stub_commands.c`.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from kitbench.virtual_kit.hardware.flash_image import SECTOR_SIZE, FlashImage

#: The stubs' buffer for one frame of READ_FLASH.
MAX_READ_BLOCK: Final = 0x1000
_INFLATE_STEP: Final = 0x8000


class FlashWrite:
    """A write that BEGIN announced: erases ahead of what it programs, drops what comes after the announced size.

    Args:
        size: bytes to write, uncompressed.
        is_deflated: whether the blocks are pieces of a zlib stream.
    """

    def __init__(self, flash: FlashImage, *, offset: int, size: int, is_deflated: bool) -> None:
        self._flash = flash
        self._offset = offset
        self._erased_to = offset // SECTOR_SIZE * SECTOR_SIZE
        self._inflater = zlib.decompressobj() if is_deflated else None
        self.remaining = size

    def write(self, block: bytes) -> None:
        """Take the next block.

        Raises:
            zlib.error: the stream is garbage or its checksum is wrong.
            FlashRangeError: the write leaves the chip.
        """
        if self._inflater is None:
            self._program(block)
            return
        while block and not self._inflater.eof and self.remaining:
            self._program(self._inflater.decompress(block, _INFLATE_STEP))
            block = self._inflater.unconsumed_tail

    def _program(self, data: bytes) -> None:
        data = data[: self.remaining]
        end = -(-(self._offset + len(data)) // SECTOR_SIZE) * SECTOR_SIZE
        if end > self._erased_to:
            self._flash.erase(self._erased_to, end - self._erased_to)
            self._erased_to = end
        self._flash.program(self._offset, data)
        self._offset += len(data)
        self.remaining -= len(data)


class FlashRead:
    """A READ_FLASH in progress: blocks go out as acknowledgements come in, the MD5 at the end.

    Args:
        window: how many bytes may be unacknowledged before the next block has to wait.
    """

    def __init__(self, flash: FlashImage, *, offset: int, size: int, block_size: int, window: int) -> None:
        self._flash = flash
        self._offset = offset
        self._size = size
        self._block_size = block_size
        self._window = window
        self._sent = 0
        self._acknowledged = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.is_finished = False

    def blocks(self) -> Iterator[bytes]:
        """Return the payloads that may go out now."""
        while self._sent < self._size and self._sent - self._acknowledged < self._window:
            block = self._flash.read(self._offset + self._sent, min(self._block_size, self._size - self._sent))
            self._md5.update(block)
            self._sent += len(block)
            yield block
        if self._acknowledged >= self._size or self._acknowledged > self._sent:
            yield self._finish()

    def acknowledge(self, frame: bytes) -> Iterator[bytes]:
        """Take the host's count of received bytes; anything but four bytes ends the read."""
        if len(frame) != 4:
            yield self._finish()
            return
        (self._acknowledged,) = struct.unpack("<I", frame)
        yield from self.blocks()

    def _finish(self) -> bytes:
        self.is_finished = True
        return self._md5.digest()
