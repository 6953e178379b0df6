"""One direction of the line at its rate."""

import asyncio

import pytest

from kitbench.virtual_kit.serial_line.pacing import MAX_WAITING, PacedLine


class _Recorder:
    """Keeps what arrives, and how many bytes the line asked the time of."""

    def __init__(self) -> None:
        self.arrived: list[bytes] = []
        self.asked: list[int] = []
        self._is_complete = asyncio.Event()

    def deliver(self, data: bytes) -> None:
        """Take a block; the one called last is the end."""
        self.arrived.append(data)
        if data == b"last":
            self._is_complete.set()

    def seconds(self, size: int) -> float:
        """Take no time."""
        self.asked.append(size)
        return 0.0

    async def wait(self) -> list[bytes]:
        """Return what has arrived at the end."""
        await asyncio.wait_for(self._is_complete.wait(), 20)
        return self.arrived


def test_blocks_arrive_in_order_after_their_time() -> None:
    async def run() -> None:
        recorder = _Recorder()
        line = PacedLine(recorder.deliver, recorder.seconds)
        for block in (b"one", b"three", b"last"):
            assert line.put(block)
        assert not recorder.arrived

        assert await recorder.wait() == [b"one", b"three", b"last"]
        assert recorder.asked == [3, 5, 4]

    asyncio.run(run())


def test_cleared_line_delivers_nothing_but_what_comes_later() -> None:
    async def run() -> None:
        recorder = _Recorder()
        line = PacedLine(recorder.deliver, recorder.seconds)
        line.put(b"forgotten")
        line.clear()
        line.put(b"last")

        assert await recorder.wait() == [b"last"]

    asyncio.run(run())


@pytest.mark.parametrize(("size", "is_taken"), [(MAX_WAITING, True), (MAX_WAITING + 1, False)])
def test_overrun_is_lost(size: int, is_taken: bool) -> None:  # noqa: FBT001 - a parameter
    async def run() -> bool:
        line = PacedLine(lambda _: None, lambda _: 0.0)
        taken = line.put(bytes(size))
        line.clear()
        return taken

    assert asyncio.run(run()) is is_taken
