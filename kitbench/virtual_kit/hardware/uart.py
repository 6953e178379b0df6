"""The two ends of UART0 and their rates: what one end sends at another rate than the other's arrives as garbage."""

import functools
from typing import Final

#: How far apart two rates may be, as the sampling of ten bits allows it (each end contributes its error).
TOLERANCE: Final = 0.03
DEFAULT_BAUD: Final = 115200
_BITS_PER_BYTE: Final = 10


class Uart:
    """Rates of the chip and of the host. The shape of the garbage is made up, that it is garbage is not."""

    def __init__(self) -> None:
        self.chip_baud = DEFAULT_BAUD
        self.host_baud = DEFAULT_BAUD

    @property
    def is_matched(self) -> bool:
        """Whether both ends agree well enough."""
        return abs(self.chip_baud - self.host_baud) <= TOLERANCE * self.host_baud

    def to_chip(self, data: bytes) -> bytes:
        """Return what the chip reads of the host's bytes."""
        return data if self.is_matched else _garble(data, self.host_baud, self.chip_baud)

    def to_host(self, data: bytes) -> bytes:
        """Return what the host reads of the chip's bytes."""
        return data if self.is_matched else _garble(data, self.chip_baud, self.host_baud)

    def seconds(self, size: int) -> float:
        """How long the line takes for `size` bytes at the chip's rate, 8N1."""
        return size * _BITS_PER_BYTE / max(self.chip_baud, 1)


def _garble(data: bytes, sender_baud: int, receiver_baud: int) -> bytes:
    """Sample each frame at the receiver's rate; a slow receiver takes several frames for one."""
    frames_per_byte = max(1, round(sender_baud / max(receiver_baud, 1)))
    return data[::frames_per_byte].translate(_sampling_table(sender_baud, receiver_baud))


@functools.lru_cache(maxsize=64)
def _sampling_table(sender_baud: int, receiver_baud: int) -> bytes:
    """Return for each byte value the eight bits that a receiver samples, line idle (high) after the frame."""
    ratio = sender_baud / max(receiver_baud, 1)
    positions = [int((bit + 1.5) * ratio) for bit in range(8)]
    table = bytes(
        sum(_line_level(value, position) << bit for bit, position in enumerate(positions)) for value in range(256)
    )
    # Between 3 % and what ideal sampling would bear, real edges are too soft: the last bit is the first to go.
    return table if table != bytes(range(256)) else bytes(value ^ 0x80 for value in range(256))


def _line_level(value: int, position: int) -> int:
    """Return the line's level in bit time `position`: start bit, eight data bits, idle."""
    if position == 0:
        return 0
    return value >> (position - 1) & 1 if position <= 8 else 1
