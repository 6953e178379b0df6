"""A lease of a lab's kit: acquired, or waited for; given back at the end, after Ctrl-C, and when the run is killed.

A guard of its own session waits for the end of the run's pipe and gives back what the run could not. Where the guard
was killed, too, the next run on this machine sees that the holder's process is gone, and takes the place over.
"""

import json
import math
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from kitbench.confinement.python_process import environment, python
from kitbench.errors import BenchError
from kitbench.lab.lab_name import LabName
from kitbench.lab.labgrid_client import HeldError, LabgridClient, user_of_process

#: How long a run waits for a kit that somebody has, and how often it looks.
WAITS_S: Final = 3600.0
_LOOKS_EVERY_S: Final = 2.0
_TELLS_EVERY_S: Final = 30.0
_RELEASED: Final = b"released"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Lease:
    """A place that is this run's.

    Attributes:
        port: what esptool's `--port` takes.
    """

    place: str
    port: str


@contextmanager
def leased(
    name: LabName, client: LabgridClient, *, tell: Tell = lambda _line: None, waits_s: float = WAITS_S
) -> Iterator[Lease]:
    """Yield the lease of a kit.

    Args:
        name: its place, or the tags of any place that will do.
        client: asks labgrid.
        tell: is told who has it, while it is waited for.
        waits_s: how long, in seconds.

    Raises:
        BenchError: nobody gave it back in that time, there is no such place, or no coordinator answers.
    """
    token = _reserve(name, client, tell, waits_s) if name.tags else ""
    target = f"+{token}" if token else name.place
    back = [["-p", target, "release"], *([["cancel-reservation", token]] if token else [])]
    with _guard(client, back):
        _acquire(target, client, tell, waits_s)
        yield Lease(_place(client, target), client.port_of(target))


def _place(client: LabgridClient, target: str) -> str:
    """Return the name of a place that was acquired by its reservation."""
    found = re.search(r"^Place '([^']+)':", client.ask("-p", target, "show"), re.MULTILINE)
    return found[1] if found else target


def _acquire(target: str, client: LabgridClient, tell: Tell, waits_s: float) -> None:
    end, told = time.monotonic() + waits_s, -math.inf
    while True:
        try:
            client.ask("-p", target, "acquire")
        except HeldError as error:
            if _is_gone(error.holder):
                tell(f"lab: {target} is held by {error.holder}, which has ended: it is taken over")
                client.ask("-p", target, "release-from", error.holder)  # no other: somebody may have it by now
                continue
            if time.monotonic() - told >= _TELLS_EVERY_S:
                told = time.monotonic()
                tell(f"lab: waiting for {target}, which {error.holder} has")
            if time.monotonic() >= end:
                fix = f"wait for it, or ask {error.holder}; labgrid-client who shows all holders"
                raise BenchError(f"{target} is held by {error.holder}", stage="lab", fix=fix) from error
            time.sleep(_LOOKS_EVERY_S)
        else:
            return


def _reserve(name: LabName, client: LabgridClient, tell: Tell, waits_s: float) -> str:
    """Return the token of a reservation that was granted; labgrid grants them in turn."""
    wanted = [f"{tag}={value}" for tag, value in name.tags.items()]
    token = client.ask("reserve", "--shell", *wanted).strip().rpartition("=")[2]
    waiting = subprocess.Popen(
        client.command("wait", token),
        env=client.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end, is_granted = time.monotonic() + waits_s, False
    try:
        while not is_granted and time.monotonic() < end:
            with suppress(subprocess.TimeoutExpired):
                is_granted = waiting.wait(min(_TELLS_EVERY_S, max(0.1, end - time.monotonic()))) == 0
            if not is_granted and waiting.poll() is None:
                tell(f"lab: waiting for a kit with {' '.join(wanted)}; {_holders(client)}")
            elif not is_granted:
                break
    finally:
        waiting.kill()
        waiting.wait()
        if not is_granted:
            with suppress(BenchError, HeldError):
                client.ask("cancel-reservation", token)
    if not is_granted:
        fix = "labgrid-client -v places shows places, tags and holders"
        raise BenchError(f"no kit with {' '.join(wanted)} came free; {_holders(client)}", stage="lab", fix=fix)
    return token


def _holders(client: LabgridClient) -> str:
    rows = [line.split() for line in client.ask("who").splitlines()[1:]]
    held = [f"{row[2]} is held by {row[1]}/{row[0]}" for row in rows if len(row) > 2]
    return ", ".join(held) or "no place is held"


def _is_gone(holder: str) -> bool:
    """Whether a holder is a run of this user on this machine whose process has ended."""
    host, _, user = holder.partition("/")
    pid = user.rpartition(".")[2]
    if host != os.environ.get("LG_HOSTNAME", socket.gethostname()) or not pid.isdigit():
        return False
    if user != user_of_process(int(pid)):
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def _guard(client: LabgridClient, back: list[list[str]]) -> Iterator[None]:
    """Give the place back at the end, by a process that a killed run leaves behind if need be."""
    commands = json.dumps([client.command(*arguments) for arguments in back])
    guard = subprocess.Popen(
        python("-m", "kitbench.lab.lease_guard", commands),
        env=environment() | client.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is the run's
    )
    assert guard.stdin is not None
    try:
        yield
    finally:
        for arguments in back:
            with suppress(BenchError, HeldError):
                client.ask(*arguments)
        with suppress(OSError):
            guard.stdin.write(_RELEASED)
            guard.stdin.close()
        guard.wait()
