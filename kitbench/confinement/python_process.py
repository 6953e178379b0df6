"""Pythons that this Python starts: the same installation, and never the current folder on their import path."""

import os
import sys
from pathlib import Path
from typing import Final

import kitbench

#: Where kitbench itself is imported from: site-packages, or the checkout.
_ROOT: Final = Path(kitbench.__file__).resolve().parents[1]


def _relative_entries() -> frozenset[str]:
    """Return the folders that PYTHONPATH names relative to the current one, which Python has made absolute."""
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return frozenset(os.path.realpath(entry) for entry in entries if not os.path.isabs(entry))  # noqa: PTH117


#: Seen at the start, before anybody changes the current folder.
_STRAY: Final = _relative_entries() - {str(_ROOT)}


def python(*arguments: str) -> list[str]:
    """Return the command line that runs this very Python; modules are never taken from the current folder (-P)."""
    return [sys.executable, "-P", *arguments]


def import_path() -> list[str]:
    """Return where this Python finds its modules, the current folder left out, for a child that is told so."""
    unwanted = {os.path.realpath(os.curdir), *_STRAY}
    # Without -P the first entry is the script's folder, or the current one.
    entries = sys.path if sys.flags.safe_path else sys.path[1:]
    kept = [entry for entry in entries if os.path.isabs(entry) and os.path.realpath(entry) not in unwanted]  # noqa: PTH117
    return list(dict.fromkeys([*kept, str(_ROOT)]))


def environment() -> dict[str, str]:
    """Return our environment for a Python that imports nothing from the current folder, nor lets its children."""
    kept = {**os.environ, "PYTHONSAFEPATH": "1"}
    if "PYTHONPATH" in kept:
        entries = kept.pop("PYTHONPATH").split(os.pathsep)
        # An empty or relative entry is the current folder's.
        if absolute := [entry for entry in entries if os.path.isabs(entry)]:  # noqa: PTH117
            kept["PYTHONPATH"] = os.pathsep.join(absolute)
    return kept
