"""A commit's files as a mapping, its submodules laid into it; read with git's own plumbing, nothing is checked out."""

import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

#: Modes of `git ls-tree`.
_SUBMODULE: Final = "160000"


@dataclass(slots=True)
class GitTree:
    """Files of a commit.

    Attributes:
        repository: a git directory.
        files: path → object name.
        submodules: path → the commit that is pinned.
    """

    repository: Path
    files: dict[str, str] = field(default_factory=dict)
    submodules: dict[str, str] = field(default_factory=dict)

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield path and text of each file."""
        wanted = list(paths)
        names = "".join(f"{self.files[path]}\n" for path in wanted).encode()
        data = _git(self.repository, "cat-file", "--batch", stdin=names)
        position = 0
        for path in wanted:
            end = data.index(b"\n", position)
            size = int(data[position:end].split()[2])
            yield path, data[end + 1 : end + 1 + size].decode("utf-8", "replace")
            position = end + size + 2


def read_tree(repository: Path, ref: str) -> GitTree:
    """Return the files of a commit; a submodule is an entry of `submodules` only."""
    tree = GitTree(repository)
    for line in _git(repository, "ls-tree", "-r", ref).decode().splitlines():
        entry, _, path = line.partition("\t")
        mode, _, name = entry.split()
        (tree.submodules if mode == _SUBMODULE else tree.files)[path] = name
    return tree


def _git(repository: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout
