"""Fingerprints of private keys that everybody has: test keys of mbedTLS and of ESP-IDF's examples.

Such a key in a dump is no secret. The table in `published_keys.txt` is made by
``python -m kitbench.forensics.keys.published_keys NAME=CHECKOUT …``, which reads the keys in checkouts of these
projects.
"""

import functools
import sys
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Final

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.work_budget import WorkBudget
from kitbench.forensics.keys.key_formats import private_keys
from kitbench.forensics.keys.target import fingerprint

_TABLE: Final = "published_keys.txt"
_MAX_FILE: Final = 4 << 20


@functools.cache
def published_keys() -> Mapping[str, str]:
    """Return SHA-256 of the SubjectPublicKeyInfo → project and file that publish the private key."""
    lines = resources.files(__package__).joinpath(_TABLE).read_text(encoding="ascii").splitlines()
    rows = (line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    return MappingProxyType({row[0]: row[1] for row in rows})


def keys_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the fingerprint and file of each private key in the files of a checkout."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= _MAX_FILE:
            data = path.read_bytes()
            for found in private_keys(Layer(data), WorkBudget(len(data))):
                if found.key is not None:
                    yield fingerprint(found.key.public_key()), path.relative_to(folder)


def main(arguments: list[str]) -> str:
    """Return the table for arguments such as ``esp-idf-v5.1.4=../esp-idf``."""
    rows: dict[str, str] = {}
    for argument in arguments:
        name, _, folder = argument.partition("=")
        for public, path in keys_in(Path(folder)):
            rows.setdefault(public, f"{name}/{path.as_posix()}")
    head = "# SHA-256 of the SubjectPublicKeyInfo, and where the private key is published; made by published_keys.py\n"
    return head + "".join(f"{public} {where}\n" for public, where in sorted(rows.items(), key=lambda row: row[1]))


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]))
