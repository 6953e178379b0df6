"""Asks many ports from one Python: `python -m kitbench.kit.scan_child PORT…`, a line of JSON for each as it answers.

esptool takes longer to load than a kit to answer: so it is loaded once, and then a copy of the process is made for each
port. A copy that hangs holds up no other; who started this one ends the whole group.
"""

import json
import os
import sys
from dataclasses import asdict
from typing import Any, Final

from kitbench.errors import BenchError
from kitbench.kit.kit_identity import identify, with_secure_element
from kitbench.kit.serial_port import use_quick_rfc2217

#: Told once everything is loaded: from now on time counts.
READY: Final = b'{"ready": true}\n'
#: A line of this length reaches a pipe in one piece (POSIX: PIPE_BUF is 512 at least, 4096 on Linux and macOS).
_LONGEST_REASON: Final = 160


def main(*ports: str) -> int:
    """Ask all ports; return when the last one has answered."""
    use_quick_rfc2217()
    os.write(1, READY)
    children = [_forked(port) for port in ports]
    for child in children:
        os.waitpid(child, 0)
    return 0


def _forked(port: str) -> int:
    child = os.fork()
    if child:
        return child
    try:
        os.write(1, json.dumps({"port": port} | _answer(port)).encode() + b"\n")
    finally:
        os._exit(0)  # nothing of the process that was copied is to be done twice


def _answer(port: str) -> dict[str, Any]:
    try:
        return {"identity": asdict(with_secure_element(identify(port, in_full=True), port))}
    except BenchError as error:
        return {"reason": error.message[:_LONGEST_REASON]}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
