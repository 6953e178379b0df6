"""The shell around `rfc2217`: a loopback port with one owner at a time, in an asyncio loop."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from kitbench.virtual_kit.chip import Chip
from kitbench.virtual_kit.serial_line import rfc2217
from kitbench.virtual_kit.serial_line.pacing import PacedLine

HOST: Final = "127.0.0.1"
#: Clients that wait, unanswered, for the owner to leave; more are closed.
_MAX_WAITING: Final = 8
#: Output that a client may leave unread; more is lost, as bytes are that nobody takes from a UART.
_MAX_UNREAD: Final = 4 << 20


class SerialLink:
    """The line between the chip's UART0 and whichever client owns the port.

    Args:
        is_paced: whether bytes take the time that the UART's rate gives them.
    """

    def __init__(self, log: Callable[[str], None], *, is_paced: bool) -> None:
        self.chip: Chip | None = None
        self.log = log
        self._is_paced = is_paced
        self._owner: _Client | None = None
        self._waiting: deque[_Client] = deque()
        self._to_chip = PacedLine(self._deliver_to_chip, self._seconds)
        self._to_host = PacedLine(self._deliver_to_host, self._seconds)
        self._lost = 0

    def claim(self, client: "_Client") -> None:
        """A client has come: it owns the port, or waits without an answer."""
        if self._owner is None:
            self._owner = client
            client.begin()
        elif len(self._waiting) < _MAX_WAITING:
            self._waiting.append(client)
        else:
            client.abort()

    def release(self, client: "_Client") -> None:
        """A client has gone: its lines drop, RTS first, and the next one's turn comes."""
        if client is not self._owner:
            if client in self._waiting:
                self._waiting.remove(client)
            return
        self._owner = None
        self._to_chip.clear()
        self._to_host.clear()
        if self.chip is not None:
            self.chip.set_rts(asserted=False)
            self.chip.set_dtr(asserted=False)
        if self._waiting:
            self.claim(self._waiting.popleft())

    def close(self) -> None:
        """The kit goes off: every client is dropped."""
        self._to_chip.clear()
        self._to_host.clear()
        self.chip = None
        for client in (self._owner, *self._waiting):
            if client is not None:
                client.abort()

    def send(self, data: bytes) -> None:
        """The chip sends; without an owner the bytes are lost, as on a port nobody has opened."""
        if self._owner is None:
            return
        if self._is_paced:
            self._to_host.put(data)
        else:
            self._deliver_to_host(data)

    def take(self, event: rfc2217.Event) -> None:
        """An event of the owner's session."""
        if self.chip is None:
            return
        match event:
            case rfc2217.Data(payload):
                if self._is_paced:
                    self._to_chip.put(payload)
                else:
                    self._deliver_to_chip(payload)
            case rfc2217.Dtr(asserted):
                self.chip.set_dtr(asserted=asserted)
            case rfc2217.Rts(asserted):
                self.chip.set_rts(asserted=asserted)
            case rfc2217.Baud(rate):
                self.chip.uart.host_baud = rate
            case rfc2217.PurgeReceived():
                self._to_host.clear()
            case rfc2217.Reply(raw):
                if self._owner is not None:
                    self._owner.write(raw)

    def _seconds(self, size: int) -> float:
        return 0.0 if self.chip is None else self.chip.uart.seconds(size)

    def _deliver_to_chip(self, data: bytes) -> None:
        if self.chip is not None:
            self.chip.receive(data)

    def _deliver_to_host(self, data: bytes) -> None:
        if self._owner is None or not data:
            return
        if self._owner.unread > _MAX_UNREAD:
            if not self._lost:
                self.log("the client does not read: output is lost")
            self._lost += len(data)
            return
        self._lost = 0
        self._owner.write(rfc2217.escape(data))


class _Client(asyncio.Protocol):
    """Serve one client from its TCP connection to the end of it."""

    def __init__(self, link: SerialLink) -> None:
        self._link = link
        self._session = rfc2217.PortSession()
        self._transport: asyncio.Transport | None = None

    @property
    def unread(self) -> int:
        """Bytes that wait for the client to read."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def begin(self) -> None:
        """The port is this client's now."""
        if self._transport is not None:
            self.write(self._session.greeting())
            self._transport.resume_reading()

    def write(self, raw: bytes) -> None:
        """Send raw telnet bytes."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(raw)

    def abort(self) -> None:
        """Close without a word."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait unread until the port is free."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.pause_reading()
        self._link.claim(self)

    def data_received(self, data: bytes) -> None:
        """Bytes of the owner; a session that has ended gets no more of them."""
        for event in self._session.receive(data):
            self._link.take(event)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Give the port free."""
        self._transport = None
        self._link.release(self)


async def serve(link: SerialLink, port: int) -> asyncio.Server:
    """Listen on the loopback address; port 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: _Client(link), HOST, port)
