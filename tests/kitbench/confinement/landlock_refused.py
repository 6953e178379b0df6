"""A kernel without Landlock, as far as one Python can tell: a filter answers "no such system call" to its three.

Run by path, it becomes the program that its arguments name, the filter with it.
"""

import ctypes
import os
import stat
import struct
import sys
from pathlib import Path

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_LOAD_NUMBER = (0x20, 0, 0, 0)  # BPF_LD | BPF_W | BPF_ABS, seccomp_data.nr
_ALLOW = (0x06, 0, 0, 0x7FFF0000)
_ENOSYS = (0x06, 0, 0, 0x00050000 | 38)
_FIRST, _LAST = 444, 446


class LandlockRefused:
    """Writes a stand-in for this Python that starts it without Landlock."""

    def __init__(self, folder: Path) -> None:
        self.python = folder / "python"
        self.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{__file__}" "{sys.executable}" "$@"\n')
        self.python.chmod(self.python.stat().st_mode | stat.S_IXUSR)


def refuse() -> None:
    """Answer ENOSYS to Landlock's system calls from now on, in children too."""
    steps = [
        _LOAD_NUMBER,
        (0x35, 0, 2, _FIRST),  # BPF_JMP | BPF_JGE: below the first, allow
        (0x25, 1, 0, _LAST),  # BPF_JMP | BPF_JGT: beyond the last, allow
        _ENOSYS,
        _ALLOW,
    ]
    program = b"".join(struct.pack("=HBBI", *step) for step in steps)
    code = ctypes.create_string_buffer(program)
    filters = struct.pack("@HxxxxxxP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, filters, 0, 0) != 0:
        sys.exit(f"no filter: errno {ctypes.get_errno()}")


if __name__ == "__main__":
    refuse()
    os.execv(sys.argv[1], sys.argv[1:])
