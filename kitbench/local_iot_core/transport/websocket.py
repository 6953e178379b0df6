"""MQTT over WebSocket: the HTTP upgrade, its signature, and MQTT bytes in binary frames.

The WebSocket protocol is the `websockets` library's, without its sockets. Source: RFC 6455; AWS IoT Core developer
guide, "MQTT over WSS" (path `/mqtt`, subprotocol `mqtt`).
"""

import datetime as dt
import http
from collections.abc import Callable
from typing import Final

from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from kitbench.local_iot_core.broker.connection import Connection
from kitbench.local_iot_core.policies.authorization import Peer
from kitbench.local_iot_core.policies.registry import REGION
from kitbench.local_iot_core.transport.sigv4 import Credentials, SignatureError, verify
from kitbench.local_iot_core.transport.tls_stream import TlsStream

_PATH: Final = "/mqtt"
_DATA: Final = frozenset({Opcode.BINARY, Opcode.CONT})


class WebSocket:
    """Between a TLS stream, whose receiver it is, and a connection, whose wire it is.

    Args:
        stream: of a client whose first bytes were HTTP.
        open_connection: makes the connection of a peer whose signature is good.
        on_refused: is told address and reason of an upgrade that failed.
        credentials: that the signature must be made with.
        maximum_size: bytes of one WebSocket message.
    """

    def __init__(
        self,
        stream: TlsStream,
        *,
        open_connection: Callable[["WebSocket", Peer], Connection],
        on_refused: Callable[[str, str], None],
        credentials: Credentials,
        maximum_size: int,
    ) -> None:
        self._stream = stream
        self._open_connection = open_connection
        self._on_refused = on_refused
        self._credentials = credentials
        self._protocol = ServerProtocol(subprotocols=[Subprotocol("mqtt")], max_size=maximum_size)
        self._connection: Connection | None = None
        self._refused = False

    # Receiver of the TLS stream

    def receive(self, data: bytes) -> None:
        """Take bytes that the TLS stream has decrypted."""
        if self._refused:
            return
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._answer(event)
            elif isinstance(event, Frame):
                self._take(event)
        if self._protocol.handshake_exc is not None and self._connection is None:
            self._refuse(str(self._protocol.handshake_exc))
        self._send()
        if self._protocol.state is not State.OPEN and self._protocol.close_expected() and not self._refused:
            self._stream.close()

    def lost(self, why: str = "the client hung up") -> None:
        """Tell the connection that nothing will come any more."""
        if self._connection is not None:
            self._connection.lost(why)

    # Wire of the connection

    def write(self, data: bytes) -> None:
        """Send MQTT bytes as one binary message."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_binary(data)
            self._send()

    def close(self) -> None:
        """Send a close frame and close."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(CloseCode.NORMAL_CLOSURE)
            self._send()
        self._stream.close()

    def backlog(self) -> int:
        """Return how many bytes the client has not taken yet."""
        return self._stream.backlog()

    def _answer(self, request: Request) -> None:
        response = self._protocol.accept(request)
        why = "" if response.status_code == http.HTTPStatus.SWITCHING_PROTOCOLS else f"HTTP {response.status_code}"
        try:
            if not why:
                self._check(request)
        except SignatureError as error:
            why = str(error)
            response = self._protocol.reject(http.HTTPStatus.FORBIDDEN, f"{why}\n")
        self._protocol.send_response(response)
        if why:
            self._refuse(f"WebSocket upgrade refused: {why}")
            return
        peer = Peer(self._stream.address, access_key_id=self._credentials.access_key_id, transport="websocket")
        self._connection = self._open_connection(self, peer)

    def _check(self, request: Request) -> None:
        if request.path.partition("?")[0] != _PATH:
            raise SignatureError(f"path is not {_PATH}")
        headers = {name.lower(): value for name, value in request.headers.raw_items()}
        now = dt.datetime.now(dt.UTC)
        verify(request.path, headers, credentials=self._credentials, region=REGION, now=now)

    def _take(self, frame: Frame) -> None:
        if self._connection is None:
            return
        if frame.opcode in _DATA:
            self._connection.receive(bytes(frame.data))
        elif frame.opcode is Opcode.CLOSE:
            self._connection.closed_by_client()
        elif frame.opcode is Opcode.TEXT:
            self._protocol.fail(CloseCode.UNSUPPORTED_DATA, "MQTT is sent in binary frames")
            self._connection.lost("text frame on a WebSocket of MQTT")

    def _refuse(self, why: str) -> None:
        if not self._refused:
            self._refused = True
            self._on_refused(self._stream.address, why)
            self._send()
            self._stream.close()

    def _send(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._stream.write(data)
