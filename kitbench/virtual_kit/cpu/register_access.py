"""Accesses to the ESP32's registers: apps that write them by address do right, and this CPU has none of them.

WebAssembly tells no address at a trap. The compiler puts a constant address into the instruction itself, as its offset:
so it can be read there. Sources: WebAssembly 1.0, 5.4.6 (memory instructions); ESP32 TRM, "System and Memory".
"""

from typing import Final

#: Plain loads and stores, i32.load to i64.store32.
_ACCESSES: Final = range(0x28, 0x3F)
#: Where peripherals are mapped: DPORT's bus, and AHB's.
_PERIPHERALS: Final = (range(0x3FF00000, 0x3FF80000), range(0x60000000, 0x60080000))
_LEB_MOST: Final = 5


def register_at(module: bytes, offset: int) -> int | None:
    """Return the peripheral's address that the instruction at a module offset is about, None for anything else."""
    if offset >= len(module) or module[offset] not in _ACCESSES:
        return None
    after_alignment, _ = _unsigned(module, offset + 1)
    _, address = _unsigned(module, after_alignment)
    return address if any(address in part for part in _PERIPHERALS) else None


def _unsigned(module: bytes, offset: int) -> tuple[int, int]:
    """Return where an LEB128 number ends, and its value (WebAssembly 1.0, 5.2.2)."""
    value = 0
    for index, byte in enumerate(module[offset : offset + _LEB_MOST]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return offset + index + 1, value
    return offset + _LEB_MOST, value
