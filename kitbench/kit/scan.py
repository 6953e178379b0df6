"""Which kits are attached: every port is asked, side by side, each by a process that cannot hold up the others."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from kitbench.errors import BenchError
from kitbench.kit.identity import KitIdentity
from kitbench.kit.serial_port import AttachedPort

#: A chip that answers does so in 2 s; esptool gives up on one that does not after 7 attempts of 2 s.
ANSWERS_WITHIN_S: Final = 40.0
_SIDE_BY_SIDE: Final = 32

#: Returns the identity of the kit on a port; raises BenchError where none answers.
Ask = Callable[[str], KitIdentity]


@dataclass(frozen=True, slots=True)
class ScannedPort:
    """A port and what is on it.

    Attributes:
        identity: of the kit, None where none answered.
        reason: why none did, in one line; "" where one did.
    """

    port: AttachedPort
    identity: KitIdentity | None
    reason: str = ""


def scan(
    ports: Sequence[AttachedPort], *, ask: Ask | None = None, on_answer: Callable[[ScannedPort], None] | None = None
) -> list[ScannedPort]:
    """Return what is on each port, in their order; `on_answer` hears of each as it comes, from several threads."""

    def look(port: AttachedPort) -> ScannedPort:
        try:
            found = ScannedPort(port, (ask or ask_in_a_process)(port.device))
        except BenchError as error:
            found = ScannedPort(port, None, error.message)
        if on_answer is not None:
            on_answer(found)
        return found

    with ThreadPoolExecutor(max_workers=_SIDE_BY_SIDE, thread_name_prefix="scan") as pool:
        return list(pool.map(look, ports))


def ask_in_a_process(port: str, *, timeout_s: float = ANSWERS_WITHIN_S) -> KitIdentity:
    """Return the identity of the kit on a port.

    Raises:
        BenchError: nobody answers, or not in time.
    """
    command = [sys.executable, "-m", "kitbench.kit.identity", port]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"nothing on {port} answered within {timeout_s:g} s", stage="scan") from error
    if done.returncode != 0:
        line = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise BenchError(line, stage="scan")
    table: dict[str, Any] = json.loads(done.stdout)
    return KitIdentity(table["chip"], table["mac"], table["flash_size"], tuple(table["protections"]))
