"""Accesses to the ESP32's registers: apps that write them by address do right, and this CPU has none of them.

WebAssembly tells no address at a trap. The compiler puts a constant address into the instruction itself, as its offset:
so it can be read there. One that is computed stands as a number somewhere in the code.
Sources: WebAssembly 1.0, 5.4 (instructions), 5.5 (modules); ESP32 TRM, "System and Memory".
"""

import re
from collections.abc import Iterator
from typing import Final

#: Plain loads and stores, i32.load to i64.store32.
_ACCESSES: Final = range(0x28, 0x3F)
#: Where peripherals are mapped: DPORT's bus, and AHB's.
_PERIPHERALS: Final = (range(0x3FF00000, 0x3FF80000), range(0x60000000, 0x60080000))
_LEB_MOST: Final = 5
_CODE_SECTION: Final = 10
_DATA_SECTION: Final = 11
_MODULE_HEADER_SIZE: Final = 8
#: i32.const and a number of 31 bits that is in these parts: signed LEB128, five bytes.
_NUMBER: Final = re.compile(rb"\x41([\x80-\xff]{4}[\x03\x06])")
#: A pointer to a peripheral's first registers among the data: little-endian, the block in its third and fourth byte.
#: Not AHB's, whose first byte is a letter of texts.
_POINTER: Final = re.compile(rb"(?s)(?=(..[\xf0-\xf7]\x3f))")
_REGISTERS: Final = 0x400


def register_at(module: bytes, offset: int) -> int | None:
    """Return the peripheral's address that the instruction at a module offset is about, None for anything else."""
    if offset >= len(module) or module[offset] not in _ACCESSES:
        return None
    after_alignment, _ = _unsigned(module, offset + 1)
    _, address = _unsigned(module, after_alignment)
    return address if _is_peripheral(address) else None


def register_named(module: bytes) -> int | None:
    """Return the first address of a peripheral that stands in the app's code or data; None where there is none."""
    numbers = (_unsigned(found[1], 0)[1] for found in _NUMBER.finditer(_section(module, _CODE_SECTION)))
    in_code = next((number for number in numbers if _is_peripheral(number)), None)
    return in_code if in_code is not None else next(_pointers(_section(module, _DATA_SECTION)), None)


def _pointers(data: bytes) -> Iterator[int]:
    for found in _POINTER.finditer(data):
        address = int.from_bytes(found[1], "little")
        # The upper half of a double between 1 and 2 looks alike: behind a lower half of zeros it is taken for one.
        is_double = not address & 0xFFFF and data[max(found.start() - 4, 0) : found.start()] == bytes(4)
        if address % 4 == 0 and address & 0xFFF < _REGISTERS and not is_double:
            yield address


def _is_peripheral(address: int) -> bool:
    return any(address in part for part in _PERIPHERALS)


def _section(module: bytes, kind: int) -> bytes:
    """Return the bytes of a section of the module."""
    offset = _MODULE_HEADER_SIZE
    while offset + 1 < len(module):
        body, size = _unsigned(module, offset + 1)
        if module[offset] == kind:
            return module[body : body + size]
        offset = body + size
    return b""


def _unsigned(module: bytes, offset: int) -> tuple[int, int]:
    """Return where an LEB128 number ends, and its value (WebAssembly 1.0, 5.2.2)."""
    value = 0
    for index, byte in enumerate(module[offset : offset + _LEB_MOST]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return offset + index + 1, value
    return offset + _LEB_MOST, value
