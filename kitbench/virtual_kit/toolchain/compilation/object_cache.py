"""Compiled objects by content: a source is compiled again only when it, a file it includes, or a flag has changed."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Dependency:
    """A file that an object was made from: its name independent of where the private copy is, and its content."""

    name: str
    sha256: str


class ObjectCache:
    """Objects in a folder; entries are written whole or not at all, so that builds may share it."""

    def __init__(self, folder: Path) -> None:
        """Keep entries below `folder`, which is made at the first entry."""
        self._folder = folder

    def find(self, key: str, hash_of: Callable[[str], str | None]) -> bytes | None:
        """Return the object made under this key, if all its dependencies still have the same content.

        Args:
            key: from `key_of`.
            hash_of: gives the SHA-256 of a dependency by name, None where it does not exist any more.
        """
        try:
            entry: dict[str, Any] = json.loads((self._folder / f"{key}.json").read_text())
            unchanged = all(hash_of(name) == sha256 for name, sha256 in entry["dependencies"])
            return (self._folder / f"{key}.o").read_bytes() if unchanged else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def store(self, key: str, made: bytes, dependencies: Sequence[Dependency]) -> None:
        """Keep an object with what it was made from."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        record = json.dumps({"dependencies": [[item.name, item.sha256] for item in dependencies]})
        self._write(f"{key}.o", made)
        self._write(f"{key}.json", record.encode())

    def _write(self, name: str, data: bytes) -> None:
        temporary = self._folder / f".{name}.{os.getpid()}.{os.urandom(4).hex()}"
        temporary.write_bytes(data)
        temporary.replace(self._folder / name)


def key_of(*parts: str | bytes) -> str:
    """Return a key over all parts; where one ends and the next begins matters."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:40]
