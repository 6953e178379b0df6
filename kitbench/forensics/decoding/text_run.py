"""Runs of encoded text, such as base64 split over lines: decoded block by block, found again from marks."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

import numpy as np

#: Text is read in blocks of this size: what a run needs beside its digits, and what finding a position costs.
_BLOCK: Final = 1 << 14
_BACKSLASH: Final = ord("\\")

Table = np.ndarray[tuple[int], np.dtype[np.uint8]]
_Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]


def alphabet(digits: bytes, *, aliases: tuple[bytes, bytes] = (b"", b"")) -> Table:
    """Return for each of the 256 bytes the digit it stands for, 0 for what separates digits.

    Args:
        digits: all digits that stand for themselves.
        aliases: other spellings, and what they stand for.
    """
    table = np.zeros(256, np.uint8)
    for spelling, digit in zip(digits + aliases[0], digits + aliases[1], strict=True):
        table[spelling] = digit
    return table


class DigitRun:
    """The digits of an alphabet in [begin, end) of a text; an escaped line end, backslash and letter, is no digit.

    Where the backslash itself is a digit, as in Ascii85, it escapes nothing.
    """

    def __init__(self, text: bytes, span: tuple[int, int], table: Table) -> None:
        """Note where the run stands."""
        self._text = text
        self._begin, self._end = span
        self._table = table
        self._marks = array("I")

    def read(self) -> bytes:
        """Return the digits, and keep the way back to them."""
        self._marks = array("I")
        digits = bytearray()
        for block in range(self._begin, self._end, _BLOCK):
            self._marks.append(len(digits))
            decoded = self._decoded(block)
            digits += decoded[decoded != 0].tobytes()
        return bytes(digits)

    def _decoded(self, begin: int) -> _Bytes:
        """Return for each character of a block the digit it stands for, 0 for none."""
        end = min(begin + _BLOCK, self._end)
        decoded = self._table[np.frombuffer(self._text, np.uint8, end - begin, begin)]
        first = max(self._begin, begin - 1)
        if not self._table[_BACKSLASH] and self._text.find(b"\\", first, end) >= 0:
            stretch = np.frombuffer(self._text, np.uint8, end - first, first)
            is_line_end = (stretch[1:] == ord("n")) | (stretch[1:] == ord("r"))
            decoded[first + 1 - begin :][(stretch[:-1] == _BACKSLASH) & is_line_end] = 0
        return decoded

    def offset(self, position: int) -> int:
        """Return where a digit stands in the text."""
        index = bisect_right(self._marks, position) - 1
        block = self._begin + index * _BLOCK
        return block + int(np.flatnonzero(self._decoded(block))[position - self._marks[index]])

    def hull(self, first: int, last: int) -> tuple[int, int]:
        """Return the stretch from one digit to another."""
        return self.offset(first), self.offset(last) + 1


#: A byte as C and its relatives write it: hexadecimal, or decimal from -128 to 255.
NUMBER: Final = rb"(?>0[xX][0-9A-Fa-f]{1,2}|-?(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])(?![0-9xX]))"
_NUMBER: Final = re.compile(NUMBER)


class NumberRun:
    """The numbers in [begin, end) of a text, each a byte."""

    def __init__(self, text: bytes, span: tuple[int, int]) -> None:
        """Note where the run stands."""
        self._text = text
        self._begin, self._end = span
        self._blocks = array("I")
        self._marks = array("I")

    def read(self) -> bytes:
        """Return the bytes, and keep the way back to their numbers."""
        self._blocks, self._marks = array("I"), array("I")
        values = bytearray()
        begin = self._begin
        while numbers := list(self._numbers(begin)):
            self._blocks.append(begin)
            self._marks.append(len(values))
            values += bytes(_byte(number[0]) for number in numbers)
            begin = numbers[-1].end()
        return bytes(values)

    def _numbers(self, begin: int) -> Iterator[re.Match[bytes]]:
        """Yield the numbers that begin in the block from `begin` on."""
        for number in _NUMBER.finditer(self._text, begin, self._end):
            if number.start() >= begin + _BLOCK:
                return
            yield number

    def offset(self, position: int) -> int:
        """Return where a number begins in the text."""
        index = bisect_right(self._marks, position) - 1
        numbers = list(self._numbers(self._blocks[index]))
        return numbers[position - self._marks[index]].start()

    def hull(self, first: int, last: int) -> tuple[int, int]:
        """Return the stretch from one number to another."""
        return self.offset(first), self.offset(last) + 1


def _byte(number: bytes) -> int:
    return int(number, 16 if number[1:2] in {b"x", b"X"} else 10) & 0xFF
