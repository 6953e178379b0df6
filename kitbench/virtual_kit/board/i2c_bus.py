"""An I2C bus as a master drives it: a transaction is a script of starts, bytes, reads and a stop.

The script comes from the firmware's driver (`src/i2c.c`), so that whatever it holds must do no harm.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

#: What a bus reads that nobody pulls down.
IDLE: Final = 0xFF


class Op(IntEnum):
    """A step of a script; `enum` in `src/i2c.c`. WRITE and READ carry two bytes with their size, the lowest first."""

    START = 0
    STOP = 1
    WRITE = 2
    #: The same, and the master goes on where nothing acknowledges.
    WRITE_BLINDLY = 3
    READ = 4


class I2cPart(Protocol):
    """A part on the bus. Times are microseconds of the kit's own clock."""

    def acknowledges(self, now_us: int) -> bool:
        """Say whether the part answers to its address now."""

    def write(self, data: bytes, now_us: int) -> None:
        """Take what the master wrote after the address, up to the next start or the stop."""

    def reply(self, now_us: int) -> bytes:
        """Return what the master may read now; what it reads beyond is 0xFF."""


class NotAcknowledgedError(Exception):
    """Nothing acknowledged, so that the master ended the transaction."""


@dataclass(frozen=True, slots=True)
class _Step:
    op: Op
    data: bytes = b""
    size: int = 0


def steps_of(script: bytes) -> Iterator[_Step]:
    """Yield the steps of a script.

    Raises:
        ValueError: it is cut short, or has a step that nobody knows.
    """
    position = 0
    while position < len(script):
        op = Op(script[position])
        position += 1
        if op in {Op.START, Op.STOP}:
            yield _Step(op)
            continue
        size = int.from_bytes(script[position : position + 2], "little")
        position += 2
        data = b"" if op is Op.READ else script[position : position + size]
        position += len(data)
        if op is not Op.READ and len(data) < size:
            raise ValueError("an I2C script is cut short")
        yield _Step(op, data, size)


class I2cBus:
    """Two wires with parts on them.

    Args:
        parts: by their addresses of seven bits.
        on_call: is told of each address that a master called, whether or not somebody has it.
    """

    def __init__(self, parts: Mapping[int, I2cPart], on_call: Callable[[int], None] = lambda _address: None) -> None:
        self._parts = parts
        self._on_call = on_call

    def transfer(self, script: bytes, now_us: int) -> bytes:
        """Run a transaction; return what was read.

        Raises:
            NotAcknowledgedError: nothing acknowledged.
            ValueError: the script is none.
        """
        transaction = _Transaction(self, now_us)
        for step in steps_of(script):
            transaction.take(step)
        transaction.finish()
        return bytes(transaction.read)

    def addressed(self, address: int, now_us: int) -> I2cPart | None:
        """Return the part that acknowledges this address."""
        self._on_call(address)
        part = self._parts.get(address)
        return part if part is not None and part.acknowledges(now_us) else None


class _Transaction:
    """What one transaction has got to. After a start comes the byte with the address."""

    def __init__(self, bus: I2cBus, now_us: int) -> None:
        self._bus = bus
        self._now_us = now_us
        self._part: I2cPart | None = None
        self._wants_address = False
        self._written: bytearray | None = None
        self._stream = b""
        self.read = bytearray()

    def take(self, step: _Step) -> None:
        match step.op:
            case Op.START:
                self.finish()
                self._wants_address = True
            case Op.STOP:
                self.finish()
            case Op.READ:
                taken, self._stream = self._stream[: step.size], self._stream[step.size :]
                self.read += taken.ljust(step.size, bytes((IDLE,)))
            case _:
                self._write(step.data, is_blind=step.op is Op.WRITE_BLINDLY)

    def _write(self, data: bytes, *, is_blind: bool) -> None:
        if data and self._wants_address:
            self._address(data[0])
            data = data[1:]
        if self._part is None and not is_blind:
            raise NotAcknowledgedError
        if self._written is not None:
            self._written += data

    def _address(self, byte: int) -> None:
        self._wants_address = False
        self._part = self._bus.addressed(byte >> 1, self._now_us)
        if self._part is not None and byte & 1:
            self._stream = self._part.reply(self._now_us)
        elif self._part is not None:
            self._written = bytearray()

    def finish(self) -> None:
        """Give the part what was written to it; the next start begins anew."""
        if self._part is not None and self._written is not None:
            self._part.write(bytes(self._written), self._now_us)
        self._part, self._written, self._stream, self._wants_address = None, None, b"", False
