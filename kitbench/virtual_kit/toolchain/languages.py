"""The languages of a project's sources, by the ends of their names: C and C++ are compiled, assembly is not."""

import os
from itertools import islice
from pathlib import Path
from typing import Final

#: As CMake and the compiler have them.
CPP_SUFFIXES: Final = frozenset({".cpp", ".cc", ".cxx", ".c++", ".C", ".CPP"})
COMPILED_SUFFIXES: Final = CPP_SUFFIXES | {".c"}
#: What stands in a component and cannot be compiled here.
NOT_COMPILED: Final = {".S": "assembly", ".s": "assembly"}
#: Folders that one project may have, for a look at the names of its files.
_MOST_FOLDERS: Final = 5000


def has_cpp(project: Path) -> bool:
    """Return whether a file of C++ is anywhere in a project, by the names alone."""
    below = islice(os.walk(project), _MOST_FOLDERS)
    return any(Path(name).suffix in CPP_SUFFIXES for _, _, names in below for name in names)
