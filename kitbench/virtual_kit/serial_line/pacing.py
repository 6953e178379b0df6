"""Makes one direction of the serial line as slow as its rate."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

#: What may wait for its turn; more is lost, as in a UART that overruns.
MAX_WAITING: Final = 4 << 20


class PacedLine:
    """Delivers blocks of bytes in order, each after the time that its bytes take on the line.

    Args:
        deliver: takes a block when its last byte has arrived.
        seconds: how long so many bytes take, at the rate of the moment.
    """

    def __init__(self, deliver: Callable[[bytes], None], seconds: Callable[[int], float]) -> None:
        self._deliver = deliver
        self._seconds = seconds
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None

    def put(self, data: bytes) -> bool:
        """Put bytes on the line; say whether there was room."""
        if self._size + len(data) > MAX_WAITING:
            return False
        self._waiting.append(data)
        self._size += len(data)
        if self._timer is None:
            self._go_on()
        return True

    def clear(self) -> None:
        """Forget what has not arrived yet."""
        self._waiting.clear()
        self._size = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go_on(self) -> None:
        delay_s = self._seconds(len(self._waiting[0]))
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._arrive)

    def _arrive(self) -> None:
        self._timer = None
        data = self._waiting.popleft()
        self._size -= len(data)
        self._deliver(data)
        if self._waiting and self._timer is None:
            self._go_on()
