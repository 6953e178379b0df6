"""Gives a leased place back when the run that leased it was killed: `python -m kitbench.lab.lease_guard COMMANDS`.

COMMANDS is JSON, a list of command lines. Standard input is a pipe from the run; it ends when the run does.
"""

import json
import subprocess
import sys
from typing import Final

_RELEASED: Final = b"released"


def main(commands: str) -> None:
    """Wait for the end of the run, and run the commands unless it has done so itself."""
    if sys.stdin.buffer.read() == _RELEASED:
        return
    for command in json.loads(commands):
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=120)


if __name__ == "__main__":
    main(sys.argv[1])
