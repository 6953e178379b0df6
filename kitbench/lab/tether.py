"""Runs a program that must not outlive whoever started it: `python -m kitbench.lab.tether PROGRAM ARGUMENT…`.

Standard input is a pipe from there; at its end, however that came, the program is ended, and what it started with it.
"""

import os
import signal
import subprocess
import sys
import threading
from typing import Final

_ENDS_WITHIN_S: Final = 5.0


def main(command: list[str]) -> int:
    """Return the program's exit status."""
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started this; the pipe's end follows

    def watch() -> None:
        while os.read(0, 4096):  # not by sys.stdin, whose lock a thread may not hold when Python ends
            pass
        _end(program)

    threading.Thread(target=watch, daemon=True).start()
    return program.wait()


def _end(program: "subprocess.Popen[bytes]") -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(program.pid, number)
            program.wait(_ENDS_WITHIN_S)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        else:
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
