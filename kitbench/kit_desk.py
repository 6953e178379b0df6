"""Where kits are handed out: a session asks for one when its firmware is built, and gives it back at its end.

One connection on loopback for each session, a line of JSON each way. What a session holds is free again when its
connection ends, however it ends. The address is told in the environment, where no other user reads its token.
"""

import contextlib
import hmac
import io
import json
import os
import secrets
import socket
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Protocol, Self

from kitbench.errors import BenchError

#: `HOST:PORT/TOKEN` of the desk, for one session.
VARIABLE: Final = "KITBENCH_KIT_DESK"
_HOST: Final = "127.0.0.1"
_STAGE: Final = "kit desk"
_COMES_WITHIN_S: Final = 120.0
_LONGEST_LINE: Final = 1 << 16
#: How soon a connection that came at the very end is seen.
_LOOK_EVERY_S: Final = 0.5


class Seat(Protocol):
    """What the desk does for one session; each of it may wait, and ends when the session does.

    Attributes:
        kind: of all its kits, `attached` or `virtual`: what a kit is that has gone, nobody can see any more.
    """

    @property
    def kind(self) -> str:
        """The kind of all kits."""

    def begin_build(self) -> None:
        """Wait until the session may build."""

    def end_build(self) -> None:
        """Let the next one build."""

    def take_kit(self) -> str:
        """Return the name of a kit that is the session's now; raise BenchError where none is left."""

    def give_back(self, failure: str) -> None:
        """Have the kit back; `failure` says why it is not fit, "" where it is."""


@contextmanager
def served(seat: Seat) -> Iterator[str]:
    """Serve one session; yield the address for its environment. At the end all that it held is given back."""
    token = secrets.token_urlsafe(18)
    with socket.create_server((_HOST, 0)) as listener:
        listener.settimeout(_COMES_WITHIN_S)
        taken: list[socket.socket] = []
        thread = threading.Thread(target=_serve, args=(listener, token, seat, taken), name="kit desk", daemon=True)
        thread.start()
        try:
            yield f"{_HOST}:{listener.getsockname()[1]}/{token}"
        finally:
            _hang_up(listener)
            # Somebody may hold it beyond the session's end: a process that it left, a stranger who never spoke.
            while thread.is_alive():
                for connection in taken:
                    _hang_up(connection)
                thread.join(_LOOK_EVERY_S)


def _hang_up(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, token: str, seat: Seat, taken: list[socket.socket]) -> None:
    with contextlib.suppress(OSError, ValueError):
        connection, _ = listener.accept()
        taken.append(connection)
        with connection, connection.makefile("rwb") as stream:
            if not hmac.compare_digest(stream.readline(_LONGEST_LINE).strip(), token.encode()):
                return
            while line := stream.readline(_LONGEST_LINE):
                _tell(stream, _answer(json.loads(line), seat))


def _answer(request: dict[str, Any], seat: Seat) -> dict[str, Any]:
    try:
        match request.get("ask"):
            case "kind":
                return {"kind": seat.kind}
            case "build":
                seat.begin_build()
            case "built":
                seat.end_build()
            case "kit":
                return {"kit": seat.take_kit()}
            case "done":
                seat.give_back(str(request.get("failure", "")))
            case other:
                return {"none": f"the kit desk does not know {other!r}"}
    except BenchError as error:
        return {"none": error.message}
    return {}


def _tell(stream: io.BufferedRWPair, words: dict[str, Any]) -> None:
    stream.write(json.dumps(words).encode() + b"\n")
    stream.flush()


class DeskLine:
    """A session's line to the desk; a context manager, at whose end everything is given back.

    Args:
        address: `HOST:PORT/TOKEN`.

    Raises:
        BenchError: nobody is there, also later on.
    """

    def __init__(self, address: str) -> None:
        place, _, token = address.partition("/")
        host, _, port = place.rpartition(":")
        try:
            self._socket = socket.create_connection((host, int(port)), timeout=_COMES_WITHIN_S)
        except (OSError, ValueError) as error:
            raise BenchError("the kit desk does not answer", stage=_STAGE) from error
        self._socket.settimeout(None)  # a kit may be long in coming
        self._stream = self._socket.makefile("rwb")
        self._stream.write(token.encode() + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._stream.close()
        self._socket.close()

    def kind(self) -> str:
        """Return what kind of kits the desk hands out: `attached`, or `virtual`."""
        return str(self._ask("kind")["kind"])

    @contextmanager
    def building(self) -> Iterator[None]:
        """Build while it is this session's turn."""
        self._ask("build")
        try:
            yield
        finally:
            self._ask("built")

    def take_kit(self) -> str:
        """Return the name of a kit that is this session's now.

        Raises:
            BenchError: every kit was put aside.
        """
        return str(self._ask("kit")["kit"])

    def give_back(self, failure: str = "") -> None:
        """Give the kit back; `failure` says why it is not fit."""
        self._ask("done", failure=failure)

    def _ask(self, what: str, **more: str) -> dict[str, Any]:
        try:
            _tell(self._stream, {"ask": what, **more})
            answer: dict[str, Any] = json.loads(self._stream.readline())
        except (OSError, ValueError) as error:
            raise BenchError("the kit desk does not answer any more", stage=_STAGE) from error
        if "none" in answer:
            raise BenchError(str(answer["none"]), stage="kit")
        return answer


def line_from(environment: MutableMapping[str, str] = os.environ) -> DeskLine | None:
    """Return the line to the desk that the environment names, and take it out of there; None where it names none."""
    address = environment.pop(VARIABLE, "")
    return DeskLine(address) if address else None
