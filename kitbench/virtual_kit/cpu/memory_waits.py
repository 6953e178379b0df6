"""Takes out the instructions that would put a host thread to sleep where neither watchdog nor reset can wake it.

Tasks share their memory, which needs WebAssembly's threads proposal; with it come `memory.atomic.wait32` and `wait64`.
Neither an epoch nor fuel ends such a wait, and wasmtime has no switch for these two alone. They cannot be refused: the
linker puts one into every app, for instances that come while memory is being initialised; here there are none, as the
first task starts all others.

Sources: https://webassembly.github.io/spec/core/binary/instructions.html and, for the prefix 0xFE,
https://github.com/WebAssembly/threads/blob/main/proposals/threads/Overview.md#spec-changes
"""

import re
from collections.abc import Iterator
from typing import Final

_CODE_SECTION: Final = 10
_MAGIC_SIZE: Final = 8
#: The prefix, and 1 or 2 as LEB128 of any length: most functions have nothing like it, and need no closer look.
_SUSPECT: Final = re.compile(rb"\xfe(?:[\x01\x02]|[\x81\x82]\x80{0,3}\x00)")
_NUMERIC, _ATOMIC = 0xFC, 0xFE
_WAITS: Final = (1, 2)
_FENCE: Final = 3
#: A wait takes address, expected value and time-out, and gives an i32. Two drops leave the address for it, and nops
#: make up the length: no address of code changes.
_DROP, _NOP = b"\x1a", b"\x01"


def _table(*ranges: tuple[int, int, str]) -> dict[int, str]:
    return {code: immediates for first, last, immediates in ranges for code in range(first, last + 1)}


#: Immediates by opcode: n a LEB128 number (of either sign), v a vector of them, 4 and 8 so many bytes.
_PLAIN: Final = _table(
    (0x00, 0x01, ""),
    (0x02, 0x04, "n"),  # block, loop, if: the block's type
    (0x05, 0x05, ""),
    (0x0B, 0x0B, ""),
    (0x0C, 0x0D, "n"),
    (0x0E, 0x0E, "vn"),  # br_table
    (0x0F, 0x0F, ""),
    (0x10, 0x10, "n"),
    (0x11, 0x11, "nn"),
    (0x1A, 0x1B, ""),
    (0x1C, 0x1C, "v"),
    (0x20, 0x26, "n"),
    (0x28, 0x3E, "nn"),  # loads and stores: alignment, offset
    (0x3F, 0x42, "n"),
    (0x43, 0x43, "4"),
    (0x44, 0x44, "8"),
    (0x45, 0xC4, ""),
    (0xD0, 0xD0, "n"),
    (0xD1, 0xD1, ""),
    (0xD2, 0xD2, "n"),
)
#: Behind 0xFC: saturating truncations, bulk memory, tables.
_BULK: Final = _table(
    (0, 7, ""), (8, 8, "nn"), (9, 9, "n"), (10, 10, "nn"), (11, 11, "n"), (12, 12, "nn"), (13, 13, "n"),
    (14, 14, "nn"), (15, 17, "n"),
)  # fmt: skip


def without_waits(module: bytes) -> bytes:
    """Return a valid module whose waits on memory end at once, each with a result that means nothing.

    Raises:
        ValueError: it has an instruction that is not known here, as with an engine that has more proposals switched on.
    """
    changed = bytearray(module)
    for start, body in _bodies(module):
        for first, end in _waits(body) if _SUSPECT.search(body) else ():
            changed[start + first : start + end] = 2 * _DROP + _NOP * (end - first - 2)
    return bytes(changed)


def _bodies(module: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield where the body of each function begins, and the body."""
    position = _MAGIC_SIZE
    while position < len(module):
        kind = module[position]
        size, position = _number(module, position + 1)
        if kind == _CODE_SECTION:
            count, at = _number(module, position)
            for _ in range(count):
                length, at = _number(module, at)
                yield at, module[at : at + length]
                at += length
        position += size


def _waits(body: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each wait begins and ends."""
    position = _skipped_locals(body)
    while position < len(body):
        first, code, position = position, body[position], position + 1
        part, immediates = -1, _PLAIN.get(code)
        if code in (_NUMERIC, _ATOMIC):
            part, position = _number(body, position)
            immediates = _BULK.get(part) if code == _NUMERIC else "n" if part == _FENCE else "nn"
        if immediates is None:
            raise ValueError(f"it has the unknown instruction 0x{code:02x}")
        for immediate in immediates:
            position = _skipped(body, position, immediate)
        if code == _ATOMIC and part in _WAITS:
            yield first, position


def _skipped_locals(body: bytes) -> int:
    groups, position = _number(body, 0)
    for _ in range(2 * groups):  # how many, and their type
        position = _skipped(body, position, "n")
    return position


def _skipped(body: bytes, position: int, immediate: str) -> int:
    """Return the position behind an immediate."""
    if immediate in "48":
        return position + int(immediate)
    count = 1
    if immediate == "v":
        count, position = _number(body, position)
    for _ in range(count):
        while body[position] & 0x80:
            position += 1
        position += 1
    return position


def _number(data: bytes, position: int) -> tuple[int, int]:
    """Return an unsigned LEB128 number, and the position behind it."""
    value = shift = 0
    while data[position] & 0x80:
        value |= (data[position] & 0x7F) << shift
        shift += 7
        position += 1
    return value | data[position] << shift, position + 1
