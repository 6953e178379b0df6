"""The compiled inner loops of the window scans, built on first use with the C compiler of the `ziglang` wheel.

Why C: docs/decisions/0070-window-kernel.md. The library is kept in the user's cache under the hash of its source.
"""

import ctypes
import functools
import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from kitbench.confinement.python_process import python
from kitbench.errors import BenchError
from kitbench.forensics.work_budget import Work, WorkBudget

_SOURCES: Final = ("window_kernel.c", "collinear_scan.inc.c")
_COMPILE_TIMEOUT_S: Final = 180
#: More hits than this in one scan mean that the image repeats one key; the rest is counted but not listed.
HIT_LIMIT: Final = 4096

Limbs = ctypes.Array[ctypes.c_uint64]
u64 = ctypes.c_uint64


@functools.cache
def load() -> ctypes.CDLL:
    """Return the library, compiling it (about 6 s) when this user has never run this version.

    Raises:
        BenchError: the compiler is missing or failed.
    """
    sources = {name: resources.files(__package__).joinpath(name).read_bytes() for name in _SOURCES}
    library = _cache_folder() / f"window_kernel-{_fingerprint(sources)}{_suffix()}"
    if not library.is_file():
        _compile(sources, library)
    kernel = ctypes.CDLL(str(library))
    for name in ("p256_scan", "p384_scan", "divisor_scan", "exponent_scan"):
        getattr(kernel, name).restype = ctypes.c_int64
    return kernel


def _fingerprint(sources: dict[str, bytes]) -> str:
    digest = hashlib.sha256(f"{sys.platform} {platform.machine()}".encode())
    for name, text in sorted(sources.items()):
        digest.update(name.encode() + b"\0" + text)
    return digest.hexdigest()[:16]


def _suffix() -> str:
    return {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")


def _cache_folder() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(root) / "kitbench"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise BenchError(f"cannot write to the cache folder {folder}: {error}", stage="audit") from error
    return folder


def _compile(sources: dict[str, bytes], library: Path) -> None:
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        for name, text in sources.items():
            (Path(folder) / name).write_bytes(text)
        built = Path(folder) / library.name
        command = python("-m", "ziglang", "cc", "-O3", "-shared", "-fPIC", "-mcpu=baseline")
        try:
            subprocess.run(
                [*command, "-o", str(built), str(Path(folder) / _SOURCES[0])],
                check=True,
                capture_output=True,
                timeout=_COMPILE_TIMEOUT_S,
            )
            # Several processes may do this at once: the last one wins, and all are alike.
            built.replace(library)
        except (OSError, subprocess.SubprocessError) as error:
            detail = getattr(error, "stderr", b"") or b""
            reason = detail.decode(errors="replace").strip().splitlines()[:1] or [str(error)]
            raise BenchError(f"cannot compile the window scan: {reason[0]}", stage="audit") from error


def to_limbs(numbers: Sequence[int], *, limbs: int) -> Limbs:
    """Return the numbers as consecutive little-endian 64-bit limbs, `limbs` each."""
    data = b"".join(number.to_bytes(8 * limbs, "little") for number in numbers)
    return (ctypes.c_uint64 * (limbs * len(numbers))).from_buffer_copy(data)


def hit_buffer() -> Limbs:
    """Return room for `HIT_LIMIT` pairs of offset and target index."""
    return (ctypes.c_uint64 * (2 * HIT_LIMIT))()


def pairs(hits: Limbs, count: int, *, what: str, work: WorkBudget | None = None) -> list[tuple[int, int]]:
    """Return the pairs that a scan stored, and note in `work` when there were more.

    Raises:
        BenchError: the scan ran out of memory (count < 0).
    """
    if count < 0:
        raise BenchError(f"out of memory in the {what}", stage="audit")
    if work is not None:
        work.note_most(Work.HITS, count)
    return [(hits[2 * i], hits[2 * i + 1]) for i in range(min(count, HIT_LIMIT))]
