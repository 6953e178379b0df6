"""An exporter, and a coordinator where none runs, for as long as a lab is served from here."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from kitbench.confinement.python_process import environment, python
from kitbench.errors import BenchError, UsageError
from kitbench.lab.exporter_file import ExportedKit, exporter_text, place_requests
from kitbench.lab.lab_state import places_in
from kitbench.lab.labgrid_client import HeldError, LabgridClient

_READY_WITHIN_S: Final = 60.0
_LOOK_EVERY_S: Final = 0.3
_ENDS_WITHIN_S: Final = 15.0


def program_beside(client: LabgridClient, name: str) -> str:
    """Return another one of labgrid's programs: it is beside its client, or on PATH.

    Raises:
        UsageError: it is in neither place.
    """
    beside = Path(client.program).with_name(name)
    if found := str(beside) if beside.is_file() else shutil.which(name):
        return found
    raise UsageError(f"{name} is not beside {client.program}", stage="lab", fix="pip install labgrid, whole")


@contextmanager
def coordinator_running(client: LabgridClient, address: str, folder: Path) -> Iterator[None]:
    """Run a coordinator, which forgets its places at the end.

    Args:
        client: asks it.
        address: HOST:PORT to listen on.
        folder: private; the coordinator keeps its places there.

    Raises:
        BenchError: it does not answer in time.
    """
    with _tethered([program_beside(client, "labgrid-coordinator"), "-l", address], folder) as process:
        _until(lambda: _answers(client), process, "labgrid-coordinator", folder)
        yield


@contextmanager
def exporter_running(client: LabgridClient, name: str, kits: Sequence[ExportedKit], folder: Path) -> Iterator[None]:
    """Export kits, each with a place of its own; places that were made for it go at the end, unless they are held.

    Args:
        client: asks the coordinator.
        name: the exporter's.
        kits: to be exported.
        folder: private; the exporter's configuration is written there.

    Raises:
        BenchError: the exporter or the coordinator does not do it.
    """
    (folder / "exporter.yaml").write_text(exporter_text(kits), encoding="utf-8")
    arguments = ["-c", client.address, "-n", name, "--hostname", "127.0.0.1", "exporter.yaml"]
    with _tethered([program_beside(client, "labgrid-exporter"), *arguments], folder) as process:
        made = [kit.name for kit in kits if register(client, kit, name)]
        try:
            _until(lambda: _are_there(client, kits), process, "labgrid-exporter", folder)
            yield
        finally:
            for place in made:
                with suppress(BenchError, HeldError):
                    client.ask("-p", place, "delete")


def register(client: LabgridClient, kit: ExportedKit, exporter: str) -> bool:
    """Make a kit's place and tag it; return whether it is new, as one may be there since last time.

    Raises:
        BenchError: the coordinator refuses.
    """
    create, *others = place_requests(kit, exporter)
    is_new = True
    try:
        client.ask(*create)
    except BenchError as error:
        if "already exists" not in error.message:
            raise
        is_new = False
    for request in others:
        client.ask(*request)
    return is_new


def _are_there(client: LabgridClient, kits: Sequence[ExportedKit]) -> bool:
    there = {place.name for place in places_in(client.ask("-v", "places"), client.ask("resources")) if place.is_there}
    return there >= {kit.name for kit in kits}


def _answers(client: LabgridClient) -> bool:
    try:
        client.ask("places")
    except BenchError:
        return False
    return True


@contextmanager
def _tethered(command: list[str], folder: Path) -> "Iterator[subprocess.Popen[bytes]]":
    with (folder / f"{Path(command[0]).name}.log").open("wb") as log:
        process = subprocess.Popen(
            python("-m", "kitbench.lab.tether", *command),
            cwd=folder,
            env=environment() | {name: value for name, value in os.environ.items() if name.startswith("LG_")},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    assert process.stdin is not None
    try:
        yield process
    finally:
        process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_ENDS_WITHIN_S)


def _until(is_done: Callable[[], bool], process: "subprocess.Popen[bytes]", name: str, folder: Path) -> None:
    end = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < end:
        if process.poll() is not None:
            lines = (folder / f"{name}.log").read_text("utf-8", "replace").strip().splitlines()
            raise BenchError(f"{name} ended: {(lines or ['it does not say why'])[-1][:300]}", stage="lab")
        if is_done():
            return
        time.sleep(_LOOK_EVERY_S)
    raise BenchError(f"{name} was not ready within {_READY_WITHIN_S:g} s", stage="lab")
