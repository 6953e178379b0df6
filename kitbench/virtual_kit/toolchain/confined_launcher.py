"""Runs one program with less than its parent has; started by path, imports nothing but the standard library.

Arguments: one JSON object with `command`, `readable`, `writable`, `cpu_seconds`, `memory`, `file_size`.
What the kernel does not know (Landlock before 5.13, other systems) is left out: the compiler's own confinement and
the checks of its dependency list stand without it.
"""

import ctypes
import json
import os
import sys
from typing import Any

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_PDEATHSIG = 1
_SIGKILL = 9

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
#: Every right on files of Landlock's first version; later ones are added where the kernel knows them.
_ALL_V1 = (1 << 13) - 1
_REFER, _TRUNCATE = 1 << 13, 1 << 14
#: TCP bind and connect (version 4): handled and never granted.
_NETWORK_ALL = 3
_FILE_ONLY = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE


class _Ruleset(ctypes.Structure):
    _fields_ = [("filesystem", ctypes.c_uint64), ("network", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def main() -> None:
    """Confine this process, then become the command."""
    job: dict[str, Any] = json.loads(sys.argv[1])
    _limit_resources(job)
    if sys.platform == "linux":
        _confine_files(job["readable"], job["writable"])
    os.execv(job["command"][0], job["command"])  # noqa: S606 - becoming the command is the purpose


def _limit_resources(job: dict[str, Any]) -> None:
    try:
        import resource  # noqa: PLC0415 - absent on Windows
    except ImportError:
        return
    wanted = {
        resource.RLIMIT_CPU: job["cpu_seconds"],
        resource.RLIMIT_FSIZE: job["file_size"],
        resource.RLIMIT_DATA: job["memory"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 512,
    }
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bounded, bounded))


def _confine_files(readable: list[str], writable: list[str]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL)
    version = libc.syscall(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    if version < 1:
        return
    rights = _ALL_V1 | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    ruleset = _Ruleset(rights, _NETWORK_ALL if version >= 4 else 0)
    size = ctypes.sizeof(ruleset) if version >= 4 else 8
    descriptor = libc.syscall(_CREATE_RULESET, ctypes.byref(ruleset), size, 0)
    if descriptor < 0:
        return
    for path in readable:
        _allow(libc, descriptor, path, _EXECUTE | _READ_FILE | _READ_DIR)
    for path in writable:
        _allow(libc, descriptor, path, rights & ~_EXECUTE)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.syscall(_RESTRICT_SELF, descriptor, 0) != 0:
        sys.exit(f"landlock_restrict_self failed: errno {ctypes.get_errno()}")


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):  # noqa: PTH112 - pathlib would double the start-up time
        rights &= _FILE_ONLY
    rule = _PathBeneath(rights, parent)
    libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    os.close(parent)


if __name__ == "__main__":
    main()
