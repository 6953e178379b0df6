"""The files of one build as project files name them: below the private copy, and nothing else.

Paths are absolute, as CMake has them, under two names that no real file has: the project and ESP-IDF.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from kitbench.virtual_kit.toolchain.cmake.pattern import NotFollowedError

#: Stands for the project's folder.
PROJECT_MARK: Final = "<project>"
#: Stands for `$ENV{IDF_PATH}`; no real path contains it.
IDF_PATH_MARK: Final = "<IDF_PATH>"
PROJECT_FOLDER: Final = f"/{PROJECT_MARK}"
IDF_FOLDER: Final = f"/{IDF_PATH_MARK}"
#: Where `--esp-aws-iot` brings in the checkout, below the private copy.
CHECKOUT_FOLDER: Final = "managed_components/esp-aws-iot"
_CHECKOUT_NAMES: Final = frozenset({"esp-aws-iot", "esp-aws-iot-master"})
#: In bytes; what every file system has room for, the private copy's own path included.
_LONGEST_PATH: Final = 1024
_LONGEST_NAME: Final = 255
#: A bound against files made to be slow.
_MAX_MATCHES: Final = 2000


def inside(folder: Path, root: Path, text: str) -> Path:
    """Return `folder`/`text`, made sure to be below `root`.

    Raises:
        ValueError: it is absolute, or leaves `root`.
    """
    if "$<" in text:
        raise NotFollowedError(f"the generator expression in the path {text[:80]!r}")
    relative = PurePosixPath(text.replace("\\", "/"))
    parts: list[str] = list(folder.relative_to(root).parts)
    if relative.parts[:2] == ("/", PROJECT_MARK):
        parts, relative = [], PurePosixPath(*relative.parts[2:])
    if relative.is_absolute() or IDF_PATH_MARK in text or "\0" in text or ":" in text:
        raise ValueError(f"path {shown(text)!r} is not below the project")
    if len(text.encode()) > _LONGEST_PATH or any(len(part.encode()) > _LONGEST_NAME for part in relative.parts):
        raise ValueError(f"path {text[:40]!r}… is too long")
    for part in relative.parts:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            raise ValueError(f"path {shown(text)!r} leaves the project")
    return root.joinpath(*parts)


def shown(text: str) -> str:
    """Return a path as messages show it: relative to the project, and without the marks' slash."""
    return text.removeprefix(f"{PROJECT_FOLDER}/").replace(IDF_FOLDER, "$IDF_PATH")[:200]


@dataclass(frozen=True, slots=True)
class SourceTree:
    """The private copy.

    A path into a checkout of esp-aws-iot is led to the one that the caller brought in, wherever it pointed to.

    Attributes:
        root: absolute; nothing outside of it is looked at.
    """

    root: Path

    def find(self, text: str, folder: Path) -> Path:
        """Return the file or folder that a path relative to `folder` names, whether it exists or not.

        Raises:
            ValueError: it is not below the project, nor in the checkout of esp-aws-iot.
        """
        try:
            path = inside(folder, self.root, text)
        except ValueError:
            if (found := self._in_checkout(text)) is None:
                raise
            return found
        is_of_checkout = not path.exists() and any(part in _CHECKOUT_NAMES for part in PurePosixPath(text).parts)
        return (self._in_checkout(text) if is_of_checkout else None) or path

    def exists(self, text: str, folder: Path) -> bool:
        """Whether a path names something; what is outside of the project does not exist."""
        try:
            return self.find(text, folder).exists()
        except (ValueError, OSError):
            return False

    def name(self, path: Path) -> str:
        """Return the path as CMake's variables hold it."""
        relative = path.relative_to(self.root).as_posix()
        return PROJECT_FOLDER if relative == "." else f"{PROJECT_FOLDER}/{relative}"

    def shown(self, path: Path) -> str:
        """Return the path as messages show it."""
        return path.relative_to(self.root).as_posix()

    def glob(self, folder: Path, pattern: str, *, recursive: bool) -> Iterator[Path]:
        """Yield the files whose name matches, sorted.

        Raises:
            ValueError: the pattern leaves the project or matches too much.
        """
        parent, _, name = pattern.replace("\\", "/").rpartition("/")
        start = inside(folder, self.root, parent or ("/" if pattern.startswith("/") else "."))
        if any(character in parent for character in "*?["):
            raise NotFollowedError(f"the pattern {shown(pattern)!r} with wildcards in a folder's name")
        found = (
            sorted(start.rglob(name) if recursive else start.glob(name))
            if name not in {"", ".."} and start.is_dir()
            else []
        )
        if len(found) > _MAX_MATCHES:
            raise ValueError(f"pattern {shown(pattern)!r} matches more than {_MAX_MATCHES} files")
        yield from (path for path in found if not recursive or path.is_file())

    @property
    def checkout(self) -> Path | None:
        """The checkout of esp-aws-iot that the caller brought in."""
        folder = self.root / CHECKOUT_FOLDER
        return folder if folder.is_dir() else None

    def _in_checkout(self, text: str) -> Path | None:
        """Return what a path outside of the project names in the checkout: itself, or what its end names there."""
        if self.checkout is None:
            return None
        names = [part for part in PurePosixPath(text.replace("\\", "/")).parts if part not in {"/", "."}]
        while cut := next((part for part in names if part in _CHECKOUT_NAMES or part == ".."), ""):
            names = names[names.index(cut) + 1 :]
            if not names:
                return self.checkout
        ends = (self.checkout.joinpath(*names[start:]) for start in range(len(names)))
        return next((path for path in ends if path.exists()), None)
