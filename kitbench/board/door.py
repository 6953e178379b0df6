"""The door to a running table: set what its parts measure, read what they show. One line of JSON each way.

A stand-in opens it on loopback and tells its address, with a token, to whoever started it, and in a folder that this
user alone can read.
"""

import contextlib
import json
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
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
    folder = _folder()
    with contextlib.suppress(OSError):
        if not _is_private(folder.parent):
            return {}
        for note in sorted(folder.glob("*.json")):
            with contextlib.suppress(OSError, ValueError, KeyError, UsageError):
                facts = json.loads(note.read_text(encoding="utf-8"))
                door = Door.parse(facts["door"])
                if _is_open(door):
                    found[str(facts["kit"])] = door
                else:
                    note.unlink()
    return found


def _is_open(door: Door) -> bool:
    try:
        door.state()
    except (BenchError, UsageError):
        return False
    return True
