"""labgrid's client as a program: what is asked of the coordinator, and its answers. Tried with labgrid 26.0.1."""

import ast
import getpass
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kitbench.errors import BenchError, UsageError

#: In the environment: the client's path, where it is not on PATH.
PROGRAM: Final = "LABGRID_CLIENT"
#: In the environment, as labgrid has it: HOST:PORT of the coordinator.
COORDINATOR: Final = "LG_COORDINATOR"
_STAGE: Final = "lab"
_ANSWERS_WITHIN_S: Final = 60.0
_HELD: Final = re.compile(r"is already acquired by (?P<holder>\S+?)\.?(\s|$)")
_RESOURCE: Final = re.compile(
    r"^Acquired resource '[^']*' \((?P<path>[^)]*)\):\n(?P<body>(?:[ \t]+.*\n?)+)", re.MULTILINE
)
_FIX: Final = "pip install 'kitbench[lab]', or install labgrid apart and name its client in LABGRID_CLIENT"


class HeldError(Exception):
    """Somebody has the place.

    Args:
        holder: host and user, as labgrid writes them: ``"lab-pc/ada.4711"``.
    """

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


def user_of_process(pid: int) -> str:
    """Return the name by which a process leases: runs of one user are strangers to each other."""
    return f"{getpass.getuser()}.{pid}"


@dataclass(frozen=True, slots=True)
class LabgridClient:
    """labgrid-client, with the names by which it leases.

    Attributes:
        program: its path.
        user: by whom places are acquired.
        coordinator: HOST:PORT, "" for what LG_COORDINATOR or labgrid's default says.
    """

    program: str
    user: str = field(default_factory=lambda: user_of_process(os.getpid()))
    coordinator: str = ""

    @property
    def address(self) -> str:
        """HOST:PORT of the coordinator."""
        return self.coordinator or os.environ.get(COORDINATOR) or "127.0.0.1:20408"

    @property
    def environment(self) -> dict[str, str]:
        """Return this process's environment with the names in it; a place in it would be another's."""
        own = {"LG_USERNAME": self.user} | ({COORDINATOR: self.coordinator} if self.coordinator else {})
        return {name: value for name, value in os.environ.items() if name not in {"LG_PLACE", "LG_ENV"}} | own

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a request."""
        return [self.program, *arguments]

    def ask(self, *arguments: str) -> str:
        """Return what the client prints.

        Raises:
            HeldError: the place is another's.
            BenchError: no coordinator answers, or it refuses.
        """
        try:
            done = subprocess.run(
                self.command(*arguments),
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=_ANSWERS_WITHIN_S,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired as error:
            raise BenchError(
                f"labgrid's coordinator gave no answer within {_ANSWERS_WITHIN_S:g} s", stage=_STAGE
            ) from error
        if done.returncode:
            raise self._refusal(done.stderr)
        return done.stdout

    def _refusal(self, errors: str) -> HeldError | BenchError:
        if held := _HELD.search(errors):
            return HeldError(held["holder"])
        if "was not reserved for" in errors:  # granted to another, who has not acquired it yet, or given back just now
            return HeldError("whoever reserved it")
        said = errors.strip().splitlines()
        if "coordinator" in errors:
            fix = f"start labgrid-coordinator, or set {COORDINATOR}=HOST:PORT"
            return BenchError(f"no labgrid coordinator answers at {self.address}", stage=_STAGE, fix=fix)
        last = said[-1].removeprefix("labgrid-client: Error: ") if said else "it does not say why"
        return BenchError(
            f"labgrid refuses: {last[:300]}", stage=_STAGE, fix="labgrid-client -v places shows what there is"
        )

    def port_of(self, place: str) -> str:
        """Return the URL of an acquired place's serial port.

        Raises:
            BenchError: it has none, or one through which a kit cannot be reset or reached.
        """
        for _, resource in resources(self.ask("-p", place, "show")):
            if resource.get("cls") == "NetworkSerialPort":
                return _url(place, resource.get("params", {}), is_there=bool(resource.get("avail", True)))
        fix = "export a USBSerialPort, or a NetworkSerialPort with protocol rfc2217"
        raise BenchError(f"the place {place} has no serial port", stage=_STAGE, fix=fix)


def find_client(coordinator: str = "") -> LabgridClient:
    """Return labgrid's client.

    Raises:
        UsageError: it is not installed.
    """
    named = os.environ.get(PROGRAM, "")
    program = named if named and Path(named).is_file() else shutil.which(named or "labgrid-client")
    if program is None:
        what = f"{PROGRAM}={named} is no program" if named else "labgrid-client is not on PATH"
        raise UsageError(f"--kit labgrid:… needs labgrid's client: {what}", stage=_STAGE, fix=_FIX)
    return LabgridClient(program, coordinator=coordinator)


def resources(shown: str) -> list[tuple[str, dict[str, Any]]]:
    """Return name and entry of each acquired resource in what `labgrid-client show` prints."""
    found = []
    for match in _RESOURCE.finditer(shown):
        try:
            entry = ast.literal_eval(match["body"].strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(entry, dict):
            found.append((match["path"], entry))
    return found


def _url(place: str, params: dict[str, Any], *, is_there: bool) -> str:
    host, port, protocol = params.get("host"), params.get("port"), params.get("protocol", "rfc2217")
    if not is_there or not host or not port:
        raise BenchError(f"the serial port of place {place} is gone", stage=_STAGE, fix="look at its exporter")
    if protocol != "rfc2217":
        fix = "export it with protocol: rfc2217"
        raise BenchError(
            f"the serial port of place {place} is {protocol}: it has no reset lines", stage=_STAGE, fix=fix
        )
    if isinstance(extra := params.get("extra"), dict) and extra.get("proxy_required"):
        fix = "forward it by SSH and give --kit rfc2217://HOST:PORT, or export it without --isolated"
        raise BenchError(f"the serial port of place {place} is behind a proxy", stage=_STAGE, fix=fix)
    return f"rfc2217://{f'[{host}]' if ':' in str(host) else host}:{port}"
