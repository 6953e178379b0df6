"""The door to a running table: set what its parts measure, read what they show. One line of JSON each way.

A run that takes a kit which somebody else started has it lent by the same door.

A stand-in opens it on loopback and tells its address, with a token, to whoever started it, and in a folder that this
user alone can read.
"""

import contextlib
import json
import os
import socket
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from kitbench.errors import BenchError, UsageError

#: Longest line that either side takes, in bytes.
MOST_BYTES: Final = 64 << 10
#: A table answers at once.
_ANSWERS_WITHIN_S: Final = 10.0
_STAGE: Final = "board"
#: Parts by name; what each is, measures and shows.
PartStates: TypeAlias = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Door:
    """A table's door: `HOST:PORT/TOKEN`."""

    host: str
    port: int
    token: str

    @classmethod
    def parse(cls, text: str) -> "Door":
        """Return the door of an address.

        Raises:
            UsageError: it is none.
        """
        place, _, token = text.partition("/")
        host, _, port = place.rpartition(":")
        if not host or not port.isdecimal() or not token:
            raise UsageError(f"{text!r} is no HOST:PORT/TOKEN", stage=_STAGE)
        return cls(host, int(port), token)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}/{self.token}"

    def set(self, values: Mapping[str, float | bool]) -> None:
        """Set quantities by names such as `aht.temperature`; all of them or none.

        Raises:
            UsageError: the table has no such quantity, or the part cannot have such a value.
            BenchError: nobody answers.
        """
        self._ask({"set": dict(values)})

    def state(self) -> PartStates:
        """Return all parts.

        Raises:
            BenchError: nobody answers.
        """
        parts: PartStates = self._ask({})["parts"]
        return parts

    def lend(self, access_points: Iterable[str], clock_factor: float) -> None:
        """Let the kit's Wi-Fi lead to these ways (as `--access-point` takes them) from its next start on.

        Raises:
            UsageError: the kit cannot be lent so.
            BenchError: nobody answers.
        """
        self._ask({"access_points": list(access_points), "clock_factor": clock_factor})

    def take_back(self) -> None:
        """Let the kit's surroundings be again as it was started with; raises BenchError where nobody answers."""
        self._ask({"access_points": None})

    def gaps(self, after: int = 0) -> tuple[list[str], int]:
        """Return the first things that firmware asked for in vain after `after` earlier ones, and how many in all.

        Raises:
            BenchError: nobody answers.
        """
        answer = self._ask({"gaps_after": after})
        return [str(feature) for feature in answer["gaps"]], int(answer["count"])

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        line = json.dumps({"token": self.token, **request}).encode() + b"\n"
        try:
            with socket.create_connection((self.host, self.port), timeout=_ANSWERS_WITHIN_S) as connection:
                connection.sendall(line)
                answer = json.loads(_read_line(connection))
        except (OSError, ValueError) as error:
            raise BenchError("the table of the virtual kit does not answer", stage=_STAGE) from error
        if "error" in answer:
            raise UsageError(answer["error"], stage=_STAGE)
        return dict(answer)


def _read_line(connection: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\n") and len(received) < MOST_BYTES:
        piece = connection.recv(4096)
        if not piece:
            break
        received += piece
    return received


def _folder() -> Path:
    """Return where running kits are noted: this user's own folder."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    parent = Path(runtime) if runtime else Path(tempfile.gettempdir())
    return parent / (f"kitbench-{os.getuid()}" if hasattr(os, "getuid") else "kitbench") / "tables"


@contextmanager
def announced(kit: str, door: Door) -> Iterator[None]:
    """Note a running kit's door, so that `kitbench board` finds it; gone at the end.

    Where no folder of this user's own can be had, nothing is noted: the door's address was told to who started the kit.
    """
    folder = _folder()
    note = folder / f"{door.port}.json"
    with contextlib.suppress(OSError):
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        if _is_private(folder.parent):
            descriptor = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
            with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
                json.dump({"kit": kit, "door": str(door)}, file)
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def _is_private(folder: Path) -> bool:
    status = folder.lstat()
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o077)


def running_tables() -> dict[str, Door]:
    """Return the doors of this user's running kits, by the kits' ports; notes of kits that were killed go."""
    found: dict[str, Door] = {}
    for note, kit, door in _notes():
        if _is_open(door):
            found[kit] = door
        else:
            with contextlib.suppress(OSError):
                note.unlink()
    return found


def _notes() -> Iterator[tuple[Path, str, Door]]:
    """Yield the notes of this user's kits: each with the kit's port and its door."""
    folder = _folder()
    with contextlib.suppress(OSError):
        if not _is_private(folder.parent):
            return
        for note in sorted(folder.glob("*.json")):
            with contextlib.suppress(OSError, ValueError, KeyError, UsageError):
                facts = json.loads(note.read_text(encoding="utf-8"))
                yield note, str(facts["kit"]), Door.parse(facts["door"])


def door_of(kit: str) -> Door | None:
    """Return the door of the running kit on a port such as `rfc2217://127.0.0.1:4000`, None where there is none.

    A kit that hangs has a door all the same: who knocks gets no answer, which is no reason to take it for a real one.
    """
    kit = kit.replace("//localhost:", "//127.0.0.1:")
    return next((door for _, port, door in _notes() if port == kit and _is_listening(door)), None)


def _is_listening(door: Door) -> bool:
    try:
        socket.create_connection((door.host, door.port), timeout=_ANSWERS_WITHIN_S).close()
    except OSError:
        return False
    return True


def _is_open(door: Door) -> bool:
    try:
        door.state()
    except (BenchError, UsageError):
        return False
    return True
