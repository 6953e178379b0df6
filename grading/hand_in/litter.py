"""What systems and tools leave in folders, and builds make anew: passed over, so that it can never be too much."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

#: What `kitbench check` leaves in a student's folder.
CHECK_OUTPUT: Final = "kitbench-check"
#: Never worth a remark.
SYSTEM: Final = frozenset(
    {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".Spotlight-V100", ".Trashes", CHECK_OUTPUT}
)
_TOOLS: Final = frozenset(
    {
        *(".git", ".svn", ".hg", ".vscode", ".idea", ".cache", ".devcontainer", ".pio", ".venv"),
        *("__pycache__", "node_modules"),
    }
)
#: A folder is a build, or a Python environment, that holds one of these.
_MARKS: Final = frozenset({"CMakeCache.txt", "build.ninja", "pyvenv.cfg"})
_PROJECT: Final = "CMakeLists.txt"
_BUILD: Final = "build"
#: Fetched by ESP-IDF's component manager; kept while it is small, as not every bench can fetch.
_FETCHED: Final = "managed_components"
_MOST_FETCHED: Final = 1000


class Litter:
    """Which members of a submission are passed over; `folders` are those that deserve a remark, by first sight."""

    def __init__(self, names: Iterable[Sequence[str]]) -> None:
        """Take the paths of all members, in parts."""
        marked: set[tuple[str, ...]] = set()
        projects: set[tuple[str, ...]] = set()
        fetched: Counter[tuple[str, ...]] = Counter()
        for parts in names:
            folder = tuple(parts[:-1])
            if parts and parts[-1] in _MARKS:
                marked.add(folder)
            if parts and parts[-1] == _PROJECT:
                projects.add(folder)
            if _FETCHED in folder:
                fetched[folder[: folder.index(_FETCHED) + 1]] += 1
        self._projects = projects
        # An environment or build at the very top would be everything.
        self._marked = {folder for folder in marked if folder} - projects
        self._large = {folder for folder, count in fetched.items() if count > _MOST_FETCHED}
        self.folders: dict[str, None] = {}

    def holds(self, parts: Sequence[str]) -> bool:
        """Whether a member is passed over; its folder is remembered."""
        if any(part in SYSTEM or part.startswith("._") for part in parts):
            return True
        for length in range(1, len(parts) + 1):
            here = tuple(parts[:length])
            if self._is_litter(here, is_folder=length < len(parts)):
                self.folders[PurePosixPath(*here).as_posix()] = None
                return True
        return False

    def _is_litter(self, path: tuple[str, ...], *, is_folder: bool) -> bool:
        if path[-1] in _TOOLS or path in self._marked or path in self._large:
            return True
        return is_folder and path[-1] == _BUILD and path[:-1] in self._projects and path not in self._projects
