"""A quick RFC 2217 client under pyserial's own name for it.

pyserial 3.5 negotiates all port settings again at every `port.timeout = x`, polls each acknowledgement every 50 ms and
moves received bytes one by one through a queue; esptool sets the timeout at every command, so a flash-id takes 21 s.
This client negotiates only what changed, waits on an event, and keeps received bytes in one buffer.
Wire format: RFC 2217, RFC 854.
"""

import contextlib
import re
import socket
import threading
import time
from typing import Any, Final

import serial
from serial import rfc2217

IAC: Final = 0xFF
SB: Final = 0xFA
SE: Final = 0xF0
NEGOTIATION: Final = frozenset((0xFB, 0xFC, 0xFD, 0xFE))  # WILL WONT DO DONT
RECEIVE_SIZE: Final = 65536
#: What a server gets for a change that it does not confirm; pyserial's own figure.
_UNANSWERED_S: Final = 0.1
#: Data up to the next command, doubled 0xFF included; possessive, so that no stream makes it try twice.
PLAIN: Final = re.compile(rb"(?:[^\xff]++|(?:\xff\xff)++)*+")


class TelnetSplitter:
    """Splits a telnet byte stream into data and commands; pure.

    `feed` returns the data bytes; commands are appended to `subnegotiations` and `negotiations` in order.
    """

    def __init__(self) -> None:
        self._rest = b""
        self.subnegotiations: list[bytes] = []
        self.negotiations: list[tuple[bytes, bytes]] = []

    def feed(self, received: bytes) -> bytes:
        """Return the data bytes of what was received; an incomplete command waits for the next call."""
        stream = self._rest + received
        self._rest = b""
        pieces = []
        position = 0
        # A flash dump is full of doubled 0xFF and all but free of commands: one match runs to the next command.
        while position < len(stream) and (plain := PLAIN.match(stream, position)):
            pieces.append(plain[0].replace(b"\xff\xff", b"\xff"))
            if plain.end() == len(stream):
                break
            end = self._command(stream, plain.end())
            if end is None:
                self._rest = stream[plain.end() :]
                break
            position = end
        return b"".join(pieces)

    def _command(self, stream: bytes, iac: int) -> int | None:
        """Take the command at `iac`; return where it ends, or None when it is incomplete."""
        if iac + 1 >= len(stream):
            return None
        command = stream[iac + 1]
        if command == SB:
            return self._subnegotiation(stream, iac + 2)
        if command in NEGOTIATION:
            if iac + 2 >= len(stream):
                return None
            self.negotiations.append((stream[iac + 1 : iac + 2], stream[iac + 2 : iac + 3]))
            return iac + 3
        return iac + 2

    def _subnegotiation(self, stream: bytes, start: int) -> int | None:
        end = start
        while (end := stream.find(IAC, end)) >= 0 and end + 1 < len(stream):
            if stream[end + 1] == SE:
                self.subnegotiations.append(stream[start:end].replace(b"\xff\xff", b"\xff"))
                return end + 2
            end += 2
        return None


_Serial: Any = rfc2217.Serial  # its type stubs leave out the private half that this client overrides


class Serial(_Serial):  # type: ignore[misc] # a base of type Any, see above
    """The client itself; everything not overridden here is pyserial's."""

    _socket: Any
    _thread: Any
    _ignore_set_control_answer: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._received = bytearray()
        self._changed = threading.Condition()
        self._alive = False
        self._settled: tuple[Any, ...] | None = None
        super().__init__(*args, **kwargs)  # last: it may open the port

    def open(self) -> None:
        """Open the port and negotiate; raises `serial.SerialException` when nobody answers within 3 s."""
        self._received.clear()
        self._settled = None
        self._alive = True
        super().open()

    def close(self) -> None:
        """Close the port; a second call does nothing."""
        self.is_open = False
        sock, self._socket = self._socket, None
        if sock is not None:
            with contextlib.suppress(OSError):  # the other end was quicker
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(3)
        self._thread = None

    @property
    def in_waiting(self) -> int:
        """Bytes that `read` would return at once."""
        if not self.is_open:
            raise serial.PortNotOpenError
        return len(self._received)

    def read(self, size: int = 1) -> bytes:
        """Return `size` bytes, or fewer when the timeout expires first."""
        if not self.is_open:
            raise serial.PortNotOpenError
        with self._changed:
            self._changed.wait_for(lambda: len(self._received) >= size or not self._alive, self._timeout)
            if not self._alive and len(self._received) < size:
                raise serial.SerialException("the kit's end closed the connection")
            taken = bytes(self._received[:size])
            del self._received[:size]
        return taken

    def reset_input_buffer(self) -> None:
        """Forget what was received, here and at the server."""
        if not self.is_open:
            raise serial.PortNotOpenError
        self.rfc2217_send_purge(rfc2217.PURGE_RECEIVE_BUFFER)
        with self._changed:
            self._received.clear()

    def rfc2217_send_purge(self, value: bytes) -> None:
        """Ask the server to empty a buffer and wait until it has."""
        self._request("purge", value)

    def rfc2217_set_control(self, value: bytes) -> None:
        """Change a control line and wait until the server has.

        With `?ign_set_control` in the URL nobody waits: `esp_rfc2217_server` resets the chip by itself and answers a
        changed RTS or DTR with the line's old state, or not at all.
        """
        if self._ignore_set_control_answer:
            self._rfc2217_options["control"].set(value)
            time.sleep(_UNANSWERED_S)
        else:
            self._request("control", value)

    def _reconfigure_port(self) -> None:
        wanted = (self._baudrate, self._bytesize, self._parity, self._stopbits, self._rtscts, self._xonxoff)
        if wanted == self._settled:
            return
        if not 0 < self._baudrate < 2**32:
            raise ValueError(f"invalid baudrate: {self._baudrate!r}")
        settings = {
            "baudrate": self._baudrate.to_bytes(4, "big"),
            "datasize": bytes([self._bytesize]),
            "parity": bytes([rfc2217.RFC2217_PARITY_MAP[self._parity]]),
            "stopsize": bytes([rfc2217.RFC2217_STOPBIT_MAP[self._stopbits]]),
        }
        for name, value in settings.items():
            self._rfc2217_port_settings[name].set(value)
        self._await(lambda: all(item.active for item in self._rfc2217_port_settings.values()), "port settings")
        if self._settled is None or self._settled[4:] != wanted[4:]:
            self.rfc2217_set_control(self._flow_control())
        self._settled = wanted

    def _flow_control(self) -> bytes:
        if self._rtscts and self._xonxoff:
            raise ValueError("xonxoff and rtscts together are not supported")
        if self._rtscts:
            return bytes(rfc2217.SET_CONTROL_USE_HW_FLOW_CONTROL)
        if self._xonxoff:
            return bytes(rfc2217.SET_CONTROL_USE_SW_FLOW_CONTROL)
        return bytes(rfc2217.SET_CONTROL_USE_NO_FLOW_CONTROL)

    def _request(self, name: str, value: bytes) -> None:
        item = self._rfc2217_options[name]
        item.set(value)
        self._await(item.is_ready, name)

    def _await(self, is_done: Any, what: str) -> None:
        deadline = time.monotonic() + self._network_timeout
        with self._changed:
            while not is_done():
                left = deadline - time.monotonic()
                if left <= 0 or not self._alive:
                    raise serial.SerialException(f"remote does not answer to RFC 2217 {what}")
                self._changed.wait(left)

    def _telnet_read_loop(self) -> None:
        splitter = TelnetSplitter()
        sock = self._socket
        sock.settimeout(None)
        while True:
            try:
                chunk = sock.recv(RECEIVE_SIZE)
            except OSError:
                chunk = b""
            if not chunk:
                break
            data = splitter.feed(chunk)
            with self._changed:
                self._received += data
                self._take_commands(splitter)
                self._changed.notify_all()
        with self._changed:
            self._alive = False
            self._changed.notify_all()

    def _take_commands(self, splitter: TelnetSplitter) -> None:
        for command, option in splitter.negotiations:
            self._telnet_negotiate_option(command, option)
        for body in splitter.subnegotiations:
            self._telnet_process_subnegotiation(body)
        splitter.negotiations.clear()
        splitter.subnegotiations.clear()
