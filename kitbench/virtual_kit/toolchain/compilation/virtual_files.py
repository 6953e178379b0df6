"""The compiler's own view of the file system: the private copy, the shims and its headers; nothing else exists.

Clang's `-ivfsoverlay` with `redirect-only` answers "file not found" for everything outside, and so `#include`,
`#embed`, `__has_include` and `#pragma GCC dependency` cannot even tell whether a file of this machine exists.
Source: LLVM, `RedirectingFileSystem` in llvm/Support/VirtualFileSystem.h.
"""

import json
from collections.abc import Iterable
from pathlib import Path


def overlay_text(folders: Iterable[Path]) -> str:
    """Return the overlay (YAML, of which JSON is a part) in which only these folders exist."""
    roots = [{"name": str(path), "type": "directory-remap", "external-contents": str(path)} for path in folders]
    return json.dumps({"version": 0, "case-sensitive": True, "redirecting-with": "redirect-only", "roots": roots})
