"""Which kits are attached: every port is asked, side by side, by processes that cannot hold up each other."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any, Final

from kitbench.errors import BenchError
from kitbench.kit.kit_identity import KitIdentity
from kitbench.kit.port_lock import owned
from kitbench.kit.serial_port import AttachedPort

#: A chip that answers does so in 2 s, its firmware's console in 6 s; esptool gives up after 7 attempts of 2 s.
ANSWERS_WITHIN_S: Final = 40.0
#: esptool is loaded from a slow disk meanwhile.
_LOADS_WITHIN_S: Final = 60.0
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
    """Return what is on each port, in their order; a port that a run owns is left alone.

    Args:
        ports: to be asked.
        ask: asks one port; None for this machine's way.
        on_answer: hears of each as it comes, from several threads.
    """
    with ExitStack() as held:
        free, found = _lock(ports, held)
        heard = on_answer or (lambda _one: None)
        for one in found.values():
            heard(one)
        if ask is None and hasattr(os, "fork"):
            answers = _ask_together(free, heard)
        else:
            answers = _ask_each(free, ask or ask_in_a_process, heard)
    found |= {one.port.device: one for one in answers}
    return [found[port.device] for port in ports]


def _lock(ports: Sequence[AttachedPort], held: ExitStack) -> tuple[list[AttachedPort], dict[str, ScannedPort]]:
    """Own the ports; return those that are ours now, and of the others by device who has them."""
    free, taken = [], {}
    for port in ports:
        try:
            held.enter_context(owned(port.device))
            free.append(port)
        except BenchError as error:
            taken[port.device] = ScannedPort(port, None, error.message)
    return free, taken


def _ask_each(ports: Sequence[AttachedPort], ask: Ask, heard: Callable[[ScannedPort], None]) -> list[ScannedPort]:
    def look(port: AttachedPort) -> ScannedPort:
        try:
            found = ScannedPort(port, ask(port.device))
        except BenchError as error:
            found = ScannedPort(port, None, error.message)
        heard(found)
        return found

    with ThreadPoolExecutor(max_workers=_SIDE_BY_SIDE, thread_name_prefix="scan") as pool:
        return list(pool.map(look, ports))


def _ask_together(ports: Sequence[AttachedPort], heard: Callable[[ScannedPort], None]) -> list[ScannedPort]:
    """Ask all ports by copies of one process; one that does not answer in time has not answered."""
    left = {port.device: port for port in ports}
    found = []
    for table in _answers(list(left)) if left else ():
        identity = identity_of(table["identity"]) if "identity" in table else None
        found.append(ScannedPort(left.pop(table["port"]), identity, str(table.get("reason", ""))))
        heard(found[-1])
    for port in left.values():
        found.append(ScannedPort(port, None, _silent(port.device, ANSWERS_WITHIN_S)))
        heard(found[-1])
    return found


def _answers(ports: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield what is told of each port, in the order of the answers, until the time is up."""
    with _child(ports) as lines:
        deadline = time.monotonic() + _LOADS_WITHIN_S
        while (line := _next_line(lines, deadline)) is not None:
            table: dict[str, Any] = json.loads(line)
            if "ready" in table:
                deadline = time.monotonic() + ANSWERS_WITHIN_S
            else:
                yield table


def _next_line(lines: "queue.Queue[bytes | None]", deadline: float) -> bytes | None:
    with suppress(queue.Empty):
        return lines.get(timeout=max(0.0, deadline - time.monotonic()))
    return None


@contextmanager
def _child(ports: Sequence[str]) -> "Iterator[queue.Queue[bytes | None]]":
    """Yield the lines of the process that asks, None after the last one; it is ended with all its copies."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kitbench.kit.scan_child", *ports],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    lines: queue.Queue[bytes | None] = queue.Queue()
    threading.Thread(target=_drain, args=(process.stdout, lines), daemon=True).start()
    try:
        yield lines
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _drain(pipe: IO[bytes], lines: "queue.Queue[bytes | None]") -> None:
    for line in pipe:
        lines.put(line)
    lines.put(None)
    pipe.close()


def identity_of(table: dict[str, Any]) -> KitIdentity:
    """Return the identity that a child printed as JSON."""
    return KitIdentity(**(table | {"protections": tuple(table["protections"])}))


def _silent(port: str, within_s: float) -> str:
    return f"nothing on {port} answered within {within_s:g} s"


def ask_in_a_process(port: str, *, timeout_s: float = ANSWERS_WITHIN_S) -> KitIdentity:
    """Return the identity of the kit on a port.

    Raises:
        BenchError: nobody answers, or not in time.
    """
    command = [sys.executable, "-m", "kitbench.kit.kit_identity", port, "--secure-element"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(_silent(port, timeout_s), stage="scan") from error
    if done.returncode != 0:
        line = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise BenchError(line, stage="scan")
    return identity_of(json.loads(done.stdout))
