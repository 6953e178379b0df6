"""The exit status of every command."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """What a command's exit status says."""

    GOOD = 0
    FOUND_OR_FAILED = 1
    CANNOT_JUDGE = 2
    USAGE = 3
