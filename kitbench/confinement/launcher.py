"""Runs one program, or some Python of ours, with less than its parent has; started by path, standard library alone.

Argument: one JSON object with `command`, or `module` or `script` (and `path`, `bytecode`, `arguments`), `readable`,
`writable`, `executable`, `cpu_seconds`, `memory`, `file_size`. A command is executed; a module or script runs in this
very process.

What the kernel does not know (Landlock before 5.13, other systems) is left out. Python's own audit hook then stands
alone for Python: it keeps libraries that are led astray from files, programs and the network, though it could not
hold machine code. The compiler has a view of files of its own.
"""

import ctypes
import errno
import json
import os
import runpy
import signal
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

#: How Python ends that asked for more memory than it may have.
OUT_OF_MEMORY = 71
_PROGRAM_HEADERS, _HEADER_SIZE, _HEADER_COUNT, _INTERPRETER = 32, 54, 56, 3  # ELF64, elf(5)
#: Events of Python's audit hooks, docs.python.org/3/library/audit_events.html
_STARTS = ("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen")
_NETWORK = ("socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendmsg", "socket.sendto")
_CHANGES = ("os.chmod", "os.chown", "os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.utime", "shutil.rmtree")
_CHANGES_OF_TWO = ("os.link", "os.rename", "os.symlink")
_LISTINGS = ("os.listdir", "os.scandir")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class _Ruleset(ctypes.Structure):
    _fields_ = [("filesystem", ctypes.c_uint64), ("network", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def main() -> None:
    """Confine this process, then become the command or run the Python."""
    job: dict[str, Any] = json.loads(sys.argv[1])
    command: list[str] = job.get("command") or []
    _limit_resources(job)
    if sys.platform == "linux":
        _confine_files(job["readable"], job["writable"], [*command[:1], *job["executable"]])
    if command:
        os.execv(command[0], command)  # noqa: S606 - becoming the command is the purpose
    _run_python(job)


def _run_python(job: dict[str, Any]) -> None:
    sys.path[:] = job["path"]
    sys.argv[:] = [job.get("module") or job["script"], *job["arguments"]]
    sys.dont_write_bytecode = True
    sys.pycache_prefix = job["bytecode"]  # where this installation's compiled modules are read from
    if hasattr(signal, "SIGXFSZ"):  # Python ignores it: a bounded file would look like a full disk
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    sys.addaudithook(_Guard(job).refuse)
    try:
        if "module" in job:
            runpy.run_module(job["module"], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(job["script"], run_name="__main__")
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


class _Guard:
    """Says no in Python to what the kernel would refuse, where the kernel cannot."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._writable = _real(job["writable"])
        self._readable = (*self._writable, *_real(job["readable"]), *_real(job["path"]))
        self._may_start = bool(job["executable"])

    def refuse(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._check(arguments[0], self._writable if (arguments[2] or 0) & _WRITING else self._readable)
        elif event in _LISTINGS:
            self._check(arguments[0], self._readable)
        elif event in _CHANGES:
            self._check(arguments[0], self._writable)
        elif event in _CHANGES_OF_TWO:
            self._check(arguments[1], self._writable)
        elif event in _NETWORK or (event in _STARTS and not self._may_start):
            raise PermissionError(errno.EACCES, f"{event} is not for a confined process")

    def _check(self, path: object, allowed: tuple[str, ...]) -> None:
        if not isinstance(path, str | bytes):
            return  # an open file, or the current folder
        real = os.path.realpath(os.fsdecode(path))
        if not any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in allowed):
            raise PermissionError(errno.EACCES, "not part of what was handed in", real)


def _real(paths: list[str]) -> tuple[str, ...]:
    return tuple(os.path.realpath(path) for path in paths)


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
        # A second between the two, so that the signal says which limit it was.
        spare = 1 if kind == resource.RLIMIT_CPU and (hard == resource.RLIM_INFINITY or bounded < hard) else 0
        resource.setrlimit(kind, (bounded, bounded + spare))


def _confine_files(readable: list[str], writable: list[str], executable: list[str]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
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
        _allow(libc, descriptor, path, _READ_FILE | _READ_DIR)
    for path in writable:
        _allow(libc, descriptor, path, rights & ~_EXECUTE)
    # Whole folders of programs are never granted: on the system's Python they would be all of /usr/bin.
    for path in executable:
        _allow(libc, descriptor, path, _EXECUTE | _READ_FILE)
        _allow(libc, descriptor, _interpreter(path), _EXECUTE | _READ_FILE)
    if libc.syscall(_RESTRICT_SELF, descriptor, 0) != 0:
        sys.exit(f"landlock_restrict_self failed: errno {ctypes.get_errno()}")
    os.close(descriptor)


def _interpreter(program: str) -> str:
    """Return the loader that a dynamically linked program names, an empty text where it needs none."""
    try:
        with open(program, "rb") as file:  # noqa: PTH123 - pathlib would double the start-up time
            head = file.read(1 << 16)
    except OSError:
        return ""
    if head[:5] != b"\x7fELF\x02":
        return ""
    at = int.from_bytes(head[_PROGRAM_HEADERS : _PROGRAM_HEADERS + 8], sys.byteorder)
    size = int.from_bytes(head[_HEADER_SIZE : _HEADER_SIZE + 2], sys.byteorder)
    for number in range(int.from_bytes(head[_HEADER_COUNT : _HEADER_COUNT + 2], sys.byteorder)):
        header = head[at + number * size : at + (number + 1) * size]
        if int.from_bytes(header[:4], sys.byteorder) == _INTERPRETER:
            begin = int.from_bytes(header[8:16], sys.byteorder)
            return os.fsdecode(head[begin:].split(b"\0", 1)[0])
    return ""


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
