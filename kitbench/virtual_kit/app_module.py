"""How an app's WebAssembly module is in a genuine ESP32 app image.

The first segment stands where ESP-IDF puts read-only data (DROM): `esp_app_desc_t`, a magic, the module's length, the
module verbatim. What the module's data segments hold, embedded files above all, so is verbatim in flash as it does
on a real kit. A second segment stands where the code would be (IROM); it holds nothing that runs.
"""

import struct
from collections.abc import Sequence
from typing import Final

from kitbench.flash_format.app_image import AppDescription, AppImage, Segment, serialize_app_desc

DROM_ADDRESS: Final = 0x3F400020
IROM_BASE: Final = 0x400D0000
#: The most that a module may take: the two 64 KB-paged windows of DROM are 4 MB, and so is the flash.
MAX_MODULE_SIZE: Final = 0x400000

_APP_DESC_SIZE: Final = 256
_MODULE_MAGIC: Final = b"KBW1"
_MODULE_HEADER: Final = struct.Struct("<4sI")
#: Offset of the module in the first segment.
MODULE_OFFSET: Final = _APP_DESC_SIZE + _MODULE_HEADER.size

_IMAGE_HEADER_SIZE: Final = 24
_SEGMENT_HEADER_SIZE: Final = 8
_IROM_FILLER: Final = b"The code of this app is the WebAssembly module in segment 0.".ljust(64, b"\0")
_MMU_PAGE: Final = 0x10000


class AppModuleError(ValueError):
    """The image holds no module of a virtual kit, or a broken one."""


def embed(module: bytes, description: AppDescription) -> Sequence[Segment]:
    """Return the image's segments.

    The code segment's address is chosen such that it agrees with its flash offset in the lower 16 bits, without
    which the MMU of the real chip could not map it.

    Raises:
        AppModuleError: the module is too large for any flash.
    """
    if len(module) > MAX_MODULE_SIZE:
        raise AppModuleError(f"the app is {len(module)} bytes, at most {MAX_MODULE_SIZE} fit")
    data = serialize_app_desc(description) + _MODULE_HEADER.pack(_MODULE_MAGIC, len(module)) + module
    data += bytes(-len(data) % 4)
    code_offset = _IMAGE_HEADER_SIZE + 2 * _SEGMENT_HEADER_SIZE + len(data)
    return (
        Segment(DROM_ADDRESS, data, _IMAGE_HEADER_SIZE + _SEGMENT_HEADER_SIZE),
        Segment(IROM_BASE + code_offset % _MMU_PAGE, _IROM_FILLER, code_offset),
    )


def extract(image: AppImage) -> bytes:
    """Return the module of a parsed app image.

    Raises:
        AppModuleError: there is none, as in an image that ESP-IDF built, or its length is wrong.
    """
    data = image.segments[0].data if image.segments else b""
    if data[_APP_DESC_SIZE : _APP_DESC_SIZE + 4] != _MODULE_MAGIC:
        raise AppModuleError("the app image holds no WebAssembly module; build it with `kitbench build`")
    (_, length) = _MODULE_HEADER.unpack_from(data.ljust(MODULE_OFFSET, b"\0"), _APP_DESC_SIZE)
    if MODULE_OFFSET + length > len(data):
        raise AppModuleError(f"the app's module of {length} bytes goes beyond its segment of {len(data)} bytes")
    return data[MODULE_OFFSET : MODULE_OFFSET + length]


def address_of_module_offset(offset: int) -> int:
    """Return the address at which the module's byte `offset` is seen in flash (DROM)."""
    return DROM_ADDRESS + MODULE_OFFSET + offset


def pseudo_program_counter(offset: int) -> int:
    """Return the pseudo code address of the instruction at a module offset."""
    return IROM_BASE + offset
