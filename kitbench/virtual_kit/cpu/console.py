"""UART0 as the app uses it: output at the line's speed, input in the receive buffer."""

import threading
import time
from collections.abc import Callable
from typing import Final

from kitbench.virtual_kit.cpu.rate_limit import RateLimit

#: 115200 baud, ten bits a byte.
_BYTES_PER_SECOND: Final = 11520
#: What a boot and a few bursts of log lines may print at once; a firmware that floods is held at the line's speed.
_BURST: Final = 32768
#: As much as the driver's buffer may hold before bytes are lost, as on the device.
_RECEIVE_BUFFER: Final = 8192
_PIECE: Final = 4096


class Console:
    """Serial output and input of one run of the app.

    Args:
        write: puts bytes on the line.
        clock_factor: the line is as much faster as the kit's clock.
        is_stopped: ends a wait early.
    """

    def __init__(self, write: Callable[[bytes], None], clock_factor: float, is_stopped: Callable[[], bool]) -> None:
        self._write = write
        self._limit = RateLimit(_BYTES_PER_SECOND * max(clock_factor, 1.0), _BURST)
        self._is_stopped = is_stopped
        self._received = bytearray()
        self._lock = threading.Lock()
        self.flooded = False
        #: How often bytes have come in: who remembers it sees that there were more since.
        self.feeds = 0

    def write(self, data: bytes) -> None:
        """Send bytes; a task that prints more than the line carries waits, as on the device."""
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            self._wait(self._limit.delay_for(len(piece)))
            if self._is_stopped():
                return
            self._write(piece)

    def _wait(self, seconds: float) -> None:
        self.flooded = self.flooded or seconds > 0
        end = time.monotonic() + seconds
        while not self._is_stopped() and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.05))

    def feed(self, data: bytes) -> int:
        """Take bytes from the line; returns how many did not fit and are lost."""
        with self._lock:
            room = max(_RECEIVE_BUFFER - len(self._received), 0)
            self._received += data[:room]
            self.feeds += 1
            return max(len(data) - room, 0)

    def take(self, count: int) -> bytes:
        """Return up to `count` received bytes."""
        with self._lock:
            data = bytes(self._received[:count])
            del self._received[:count]
            return data

    def available(self) -> int:
        """Return how many bytes wait."""
        return len(self._received)
