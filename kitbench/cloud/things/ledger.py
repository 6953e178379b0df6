"""What a run is about to make in the cloud, on disk before the call, so that nothing is forgotten by a crash.

One file of JSON lines per run; each line is on the disk (fsync) before the call it announces is made. A run holds a
lock on its file: a file without a holder belongs to a run that died. When everything is gone, so is the file.
"""

import fcntl
import json
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from kitbench.cloud.things.names import Run, new_run, parse_name
from kitbench.cloud.things.state_folder import state_folder
from kitbench.errors import BenchError

SUFFIX: Final = ".ledger"
#: Where ledgers are in a bench's state folder.
LEDGERS: Final = "ledger"
#: Private folders with a key begin so; recovery deletes no folder with another name.
KEY_FOLDER_PREFIX: Final = "kitbench-key-"
_CERTIFICATE_ID: Final = re.compile(r"[0-9a-f]{64}")


class Kind(StrEnum):
    """What a ledger remembers."""

    #: A thing, by its name.
    THING = "thing"
    #: A policy, by its name.
    POLICY = "policy"
    #: A certificate, by its id.
    CERTIFICATE = "certificate"
    #: A certificate asked for, by the thing it is for: until the reply is there its id is unknown.
    ISSUANCE = "issuance"
    #: A rule, by its name.
    RULE = "rule"
    #: A table of DynamoDB, by its name.
    TABLE = "table"
    #: A role of IAM, by its name.
    ROLE = "role"
    #: A folder that may hold a private key, by its path.
    KEY_FOLDER = "key_folder"


def default_folder() -> Path:
    """Return where ledgers are: `$XDG_STATE_HOME/kitbench/ledger`, by default below `~/.local/state`."""
    return state_folder() / LEDGERS


class Ledger:
    """An open, locked ledger file; `write` returns when the line is on the disk."""

    def __init__(self, path: Path, descriptor: int, run: Run, cloud_id: str) -> None:
        self.path: Final = path
        self.run: Final = run
        self.cloud_id: Final = cloud_id
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def write(self, do: str, **what: object) -> None:
        """Append one line and wait until it is on the disk.

        Args:
            do: the call that comes next, such as ``"create_thing"``, or ``"gone"``.
            what: what it is called with; never a key.

        Raises:
            BenchError: the disk is full or gone.
        """
        line = json.dumps({"do": do, "at": round(time.time(), 3), **what}) + "\n"
        with self._lock:
            try:
                os.write(self._descriptor, line.encode())
                os.fsync(self._descriptor)
            except OSError as error:
                raise BenchError(f"cannot write the ledger {self.path}: {error.strerror}", stage="provision") from error

    def create(self, kind: Kind, name: str, **what: object) -> None:
        """Announce that something is about to be made."""
        self.write("create", kind=kind, name=name, **what)

    def gone(self, kind: Kind, name: str) -> None:
        """Tell that something is gone, or never came to be."""
        self.write("gone", kind=kind, name=name)

    def holdings(self) -> dict[tuple["Kind", str], Mapping[str, Any]]:
        """Return what may still exist."""
        return holdings(read_lines(self.path))

    def close(self, *, everything_gone: bool) -> None:
        """Let go of the file, and delete it when nothing is left to remember."""
        if everything_gone:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)


@contextmanager
def open_ledger(cloud_id: str, *, folder: Path | None = None, run: Run | None = None) -> Iterator[Ledger]:
    """Begin a run: yield its ledger; at the end the file is deleted if all that it names is gone.

    Args:
        cloud_id: `Endpoint.cloud_id`, so that recovery asks the right account.
        folder: by default `default_folder()`.
        run: by default a new one.

    Raises:
        BenchError: the file cannot be made.
    """
    ledger = _create(cloud_id, folder or default_folder(), run or new_run())
    try:
        yield ledger
    finally:
        ledger.close(everything_gone=not holdings(read_lines(ledger.path)))


def _create(cloud_id: str, folder: Path, run: Run) -> Ledger:
    path = folder / f"{run.run_id}{SUFFIX}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _sync_folder(folder)
    except OSError as error:
        raise BenchError(f"cannot make the ledger {path}: {error.strerror}", stage="provision") from error
    ledger = Ledger(path, descriptor, run, cloud_id)
    ledger.write("run", cloud=cloud_id, run=run.run_id, expires=run.expires)
    return ledger


def _sync_folder(folder: Path) -> None:
    """Make the new file's name durable, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def take_over(path: Path) -> Iterator[Ledger | None]:
    """Yield a dead run's ledger, locked; None when its run is alive, somebody else recovers it, or it says nothing."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    except OSError:
        yield None
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        yield None
        return
    ledger = _adopt(path, descriptor)
    if ledger is None:
        os.close(descriptor)
        yield None
        return
    try:
        yield ledger
    finally:
        ledger.close(everything_gone=not holdings(read_lines(path)))


def _adopt(path: Path, descriptor: int) -> Ledger | None:
    """Read the first line; a file without one is from before the first call and is deleted."""
    if os.fstat(descriptor).st_nlink == 0:
        return None
    lines = read_lines(path)
    try:
        run = Run(str(lines[0]["run"]), int(lines[0]["expires"]))
        ledger = Ledger(path, descriptor, run, str(lines[0]["cloud"]))
    except (IndexError, KeyError, ValueError, TypeError):
        path.unlink(missing_ok=True)
        return None
    if not path.read_bytes().endswith(b"\n"):
        os.write(descriptor, b"\n")
    return ledger


def read_lines(path: Path) -> list[Mapping[str, Any]]:
    """Return a ledger's lines; a torn one announced a call that was never made, so it is left out."""
    lines: list[Mapping[str, Any]] = []
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return lines
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and isinstance(entry.get("do"), str):
            lines.append(entry)
    return lines


def holdings(lines: list[Mapping[str, Any]]) -> dict[tuple[Kind, str], Mapping[str, Any]]:
    """Return what may still exist: (kind, name) → the line that announced it, in the order of the lines.

    A line about something that cannot be ours is left out: a spoilt ledger must not delete what is foreign.
    """
    held: dict[tuple[Kind, str], Mapping[str, Any]] = {}
    for line in lines:
        kind, name = line.get("kind"), line.get("name")
        if kind not in set(Kind) or not isinstance(name, str) or not isinstance(line.get("at"), int | float):
            continue
        key = Kind(str(kind)), name
        if line["do"] == "create" and _can_be_ours(*key):
            held[key] = line
        elif line["do"] == "gone":
            held.pop(key, None)
    return held


def _can_be_ours(kind: Kind, name: str) -> bool:
    match kind:
        case Kind.CERTIFICATE:
            return _CERTIFICATE_ID.fullmatch(name) is not None
        case Kind.KEY_FOLDER:
            return Path(name).name.startswith(KEY_FOLDER_PREFIX)
        case Kind.RULE:
            return parse_name(name.replace("_", "-")) is not None
        case Kind.THING | Kind.POLICY | Kind.ISSUANCE | Kind.TABLE | Kind.ROLE:
            return parse_name(name) is not None
