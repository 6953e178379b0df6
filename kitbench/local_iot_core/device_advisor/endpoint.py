"""The port that a device under test connects to: one at a time on the stage, nobody when no test is under way."""

import asyncio
import socket
from typing import Final

from kitbench.local_iot_core.device_advisor.behaviour import Behaviour
from kitbench.local_iot_core.device_advisor.client_hello import cipher_suites
from kitbench.local_iot_core.device_advisor.server_credentials import ServerCredentials
from kitbench.local_iot_core.device_advisor.stage import Stage
from kitbench.local_iot_core.device_advisor.tap import Tap
from kitbench.local_iot_core.device_advisor.wire_event import Step
from kitbench.local_iot_core.transport.tls_stream import Receiver, TlsStream, Watcher

#: Seconds for a handshake and the first bytes; a device that tests its own patience gets more than from AWS.
_HANDSHAKE_TIMEOUT_S: Final = 30.0
#: No hello is longer.
_LONGEST_HELLO: Final = 1 << 16


class AdvisorEndpoint:
    """One listening port.

    Args:
        credentials: what it shows for itself.
        listener: bound and listening; the endpoint closes it.
    """

    def __init__(self, credentials: ServerCredentials, listener: socket.socket) -> None:
        self._credentials = credentials
        self._listener = listener
        self._server: asyncio.Server | None = None
        self.stage: Stage | None = None

    async def serve(self) -> None:
        """Take connections on the listener from now on."""
        self._server = await asyncio.get_running_loop().create_server(self._accept, sock=self._listener)

    @property
    def port(self) -> int:
        """The port."""
        return int(self._listener.getsockname()[1])

    def stop(self) -> None:
        """End the test under way, and listen no more."""
        if self.stage is not None:
            self.stage.end()
        if self._server is not None:
            self._server.close()
        self._listener.close()

    def _accept(self) -> asyncio.BaseProtocol:
        if self.stage is None:
            return _ClosedDoor()
        number, behaviour = self.stage.open()
        return _DeviceLink(self.stage, number, behaviour, self._credentials).stream


class _ClosedDoor(asyncio.Protocol):
    """Hangs up on whoever comes while no test is under way."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


class _DeviceLink(Watcher):
    """A device's connection from the first byte on."""

    def __init__(self, stage: Stage, number: int, behaviour: Behaviour, credentials: ServerCredentials) -> None:
        self._stage = stage
        self._number = number
        self._behaviour = behaviour
        self._heard: bytes | None = b""
        self._is_secured = False
        self.stream = TlsStream(
            credentials.context(behaviour),
            open_receiver=self._open,
            on_refused=self._refused,
            handshake_timeout_s=_HANDSHAKE_TIMEOUT_S,
            watcher=self,
            record_size=behaviour.record_size,
        )
        stage.hold(self)

    def heard(self, data: bytes) -> None:
        """Look for the ClientHello."""
        if self._heard is None:
            return
        self._heard += data
        if (suites := cipher_suites(self._heard)) is not None:
            self._stage.note(self._number, Step.HELLO, suites=suites)
        if suites is not None or len(self._heard) > _LONGEST_HELLO:
            self._heard = None

    def secured(self) -> None:
        """Take note of the end of the handshake."""
        self._is_secured = True
        self._stage.note(self._number, Step.SECURED)

    def cut(self, why: str) -> None:
        """Hang up for the test, while nothing was received."""
        self._stage.note(self._number, Step.CUT, detail=why)
        self._stage.let_go(self)
        self.stream.close()

    def _open(self, stream: TlsStream, _first: bytes) -> Receiver:
        self._stage.let_go(self)
        if not self._stage.is_device(stream.certificate_id()):
            self._stage.turn_away(self._number)
            return _Stranger(stream)
        tap = Tap(self._stage, self._number, self._behaviour, stream)
        self._stage.hold(tap)
        return tap

    def _refused(self, _address: str, reason: str) -> None:
        self._stage.let_go(self)
        # A client of TLS 1.3 that hangs up after the handshake has refused nothing.
        self._stage.note(self._number, Step.CLOSED if self._is_secured else Step.REFUSED, detail=reason)


class _Stranger:
    """Hangs up on a client whose certificate is not the device's."""

    def __init__(self, stream: TlsStream) -> None:
        self._stream = stream

    def receive(self, _data: bytes) -> None:
        """Hang up."""
        self._stream.close()

    def lost(self, why: str = "") -> None:
        """Do nothing: this event has no listener."""
