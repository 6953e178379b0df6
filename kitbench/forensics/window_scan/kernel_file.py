"""What the compiled window kernel is called: by its sources and its machine, so that none is taken for another.

Loaded by `hatch_build.py`, too, before anything of kitbench or its dependencies is installed.
"""

import hashlib
import platform
import sys
from pathlib import Path
from typing import Final

#: The first is what the compiler is given, and includes the others.
SOURCES: Final = ("window_kernel.c", "collinear_scan.inc.c", "signed_sums.inc.c")


def library_name(folder: Path) -> str:
    """Return the name of the library that is made of the sources in a folder, for this machine."""
    digest = hashlib.sha256(f"{sys.platform} {platform.machine()}".encode())
    for name in SOURCES:
        digest.update(name.encode() + b"\0" + (folder / name).read_bytes())
    suffix = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
    return f"window_kernel-{digest.hexdigest()[:16]}{suffix}"
