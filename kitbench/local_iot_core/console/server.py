"""Serves the page on the loopback: files, the state as JSON, and MQTT over WebSocket into the message broker.

Whoever knows the address with its token may do everything here, so it is a secret of this user: the Host header must
name the loopback (a web page elsewhere cannot reach it by a name of its own, "DNS rebinding"), and WebSockets are taken
from this page only.
"""

import asyncio
import http
import json
import secrets
from collections.abc import Callable
from importlib.resources import files
from typing import Any, Final

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from kitbench.local_iot_core.broker.connection import Connection
from kitbench.local_iot_core.broker.message_broker import MessageBroker
from kitbench.local_iot_core.console.state import broker_state
from kitbench.local_iot_core.policies.authorization import Peer

_LOOPBACK: Final = "127.0.0.1"
_FILES: Final = {"": "page.html", "page.css": "page.css", "page.js": "page.js", "mqtt.js": "mqtt.js"}
_TYPES: Final = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
_SAFE: Final = (
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)


class _Wire:
    """Between a connection, whose wire it is, and a WebSocket."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._size = 0

    def write(self, data: bytes) -> None:
        """Send soon."""
        self._size += len(data)
        self._waiting.put_nowait(data)

    def close(self) -> None:
        """Close when what was written is out."""
        self._waiting.put_nowait(None)

    def backlog(self) -> int:
        """Return how many bytes wait."""
        return self._size

    async def send_all(self) -> None:
        """Send what is written until the connection closes."""
        while (data := await self._waiting.get()) is not None:
            await self._socket.send(data)
            self._size -= len(data)
        await self._socket.close()


class Console:
    """The page of one message broker.

    Args:
        broker: runs in the loop in which the page is served.
        more: what the control plane knows, as JSON: policies, rules, rows of tables.
        about: what the page's head says of the endpoint.
    """

    def __init__(self, broker: MessageBroker, more: Callable[[], dict[str, Any]], about: dict[str, str]) -> None:
        self._broker = broker
        self._more = more
        self._about = about
        self._token = secrets.token_urlsafe(24)
        self._server: Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """The address to open, once it is served."""
        return f"http://{_LOOPBACK}:{self._port}/{self._token}/"

    async def start(self, port: int = 0) -> None:
        """Serve on the loopback; 0 takes a free port."""
        self._server = await serve(
            self._talk,
            _LOOPBACK,
            port,
            process_request=self._answer,
            subprotocols=[Subprotocol("mqtt")],
            max_size=self._broker.limits.packet_size,
            compression=None,
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    def stop(self) -> None:
        """Stop serving, and close all sockets."""
        if self._server is not None:
            self._server.close()

    async def _answer(self, socket: ServerConnection, request: Request) -> Response | None:
        """Return a file or the state; None lets a WebSocket be opened."""
        del socket
        hosts = {f"{_LOOPBACK}:{self._port}", f"localhost:{self._port}"}
        if request.headers.get("Host") not in hosts:
            return _response(http.HTTPStatus.FORBIDDEN, b"this page is for the loopback of this machine")
        head, _, name = request.path.partition("?")[0].removeprefix("/").partition("/")
        if not secrets.compare_digest(head.encode(), self._token.encode()):
            return _response(http.HTTPStatus.NOT_FOUND, b"use the whole address that kitbench local-iot-core printed")
        if name == "mqtt":
            origin = (request.headers.get("Origin") or "").removeprefix("http://")
            return None if origin in hosts else _response(http.HTTPStatus.FORBIDDEN, b"not from this page")
        if name == "state.json":
            more = await asyncio.get_running_loop().run_in_executor(None, self._more)
            state = broker_state(self._broker) | more | {"about": self._about}
            return _response(http.HTTPStatus.OK, json.dumps(state, default=str).encode(), "application/json")
        if name in _FILES:
            file = _FILES[name]
            body = files("kitbench.local_iot_core.console").joinpath(file).read_bytes()
            return _response(http.HTTPStatus.OK, body, _TYPES[file.rpartition(".")[2]])
        return _response(http.HTTPStatus.NOT_FOUND, b"no such file")

    async def _talk(self, socket: ServerConnection) -> None:
        wire = _Wire(socket)
        connection = Connection(self._broker, wire, Peer(_LOOPBACK, access_key_id="this page", transport="websocket"))
        sending = asyncio.create_task(wire.send_all())
        try:
            async for data in socket:
                connection.receive(data if isinstance(data, bytes) else data.encode())
        except ConnectionClosed:
            pass
        finally:
            connection.lost("the page was closed")
            sending.cancel()


def _response(status: http.HTTPStatus, body: bytes, content_type: str = "text/plain") -> Response:
    headers = [("Content-Type", f"{content_type}; charset=utf-8"), ("Content-Length", str(len(body))), *_SAFE]
    return Response(status, status.phrase, Headers([*headers, ("Connection", "close")]), body)
