"""Which ESP-IDF project is meant where nobody names one: the one that the user's folder holds."""

from pathlib import Path
from typing import Final

from kitbench.errors import UsageError

#: What the CMakeLists.txt at the top of every ESP-IDF project includes.
MARK: Final = b"tools/cmake/project.cmake"
MAX_SIZE: Final = 1 << 16
#: Where a repository keeps its firmware, nearest first.
PLACES: Final = (".", "firmware", "firmware/*", "*")


def find_project(folder: Path) -> Path:
    """Return the only project in a folder.

    Raises:
        UsageError: there is none, or there are several.
    """
    projects = projects_in(folder)
    if len(projects) == 1:
        return projects[0]
    names = ", ".join(str(path.relative_to(folder)) for path in projects)
    held = f"several ESP-IDF projects: {names}" if names else "no ESP-IDF project"
    raise UsageError(f"{folder} holds {held}", stage="options", fix="add --project DIR")


def projects_in(folder: Path) -> list[Path]:
    """Return the projects in the first place that has any: the folder, its `firmware`, in there, its other folders."""
    for place in PLACES:
        found = [folder] if place == "." else sorted(folder.glob(place))
        if projects := [path for path in found if is_project(path)]:
            return projects
    return []


def is_project(folder: Path) -> bool:
    """Say whether a folder is an ESP-IDF project by its CMakeLists.txt."""
    file = folder / "CMakeLists.txt"
    try:
        return file.is_file() and file.stat().st_size <= MAX_SIZE and MARK in file.read_bytes()
    except OSError:
        return False
