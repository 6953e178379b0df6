"""A project on an attached kit: built by ESP-IDF as it is, against the endpoint that it names itself."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kitbench.bench.builds.firmware_build import FirmwareBuild, build_in
from kitbench.bench.kits.kit_choice import KitChoice
from kitbench.bench.kits.kit_health import first_healthy
from kitbench.bench.project_run.build_warnings import build_warnings
from kitbench.bench.project_run.open_run import OpenRun, RunOrder, Say
from kitbench.errors import UsageError
from kitbench.firmware.overlay import Overlay
from kitbench.kit.esp_idf import find_esp_idf
from kitbench.kit.port_lock import owned
from kitbench.kit.serial_port import use_quick_rfc2217


@contextmanager
def open_attached_run(order: RunOrder, choice: KitChoice, say: Say) -> Iterator[OpenRun]:
    """Find the kit, build with `idf.py`, hold the port until the end.

    Raises:
        UsageError: something was asked for that only the virtual kit has.
        BenchError: no kit answers, another run has it, or there is no ESP-IDF.
        KitError: the project does not build.
    """
    _refuse_what_is_virtual(order)
    use_quick_rfc2217()
    with owned(choice.port), tempfile.TemporaryDirectory(prefix="kitbench-run-") as scratch:
        kit = first_healthy((choice,))
        say(f"{kit.identity.chip} {kit.identity.mac} on {choice.port}; it connects to the project's own endpoint")
        say(f"building {order.project} with ESP-IDF; this may take minutes")
        build = _build(order, Path(scratch) / "build")
        for line in build_warnings(build):
            say(f"warning: {line}")
        yield OpenRun(build, choice.port, list)


def _refuse_what_is_virtual(order: RunOrder) -> None:
    if order.state is not None or order.lead or order.board:
        raise UsageError(
            "an attached kit has its own wiring, and cannot be led to a local core on this machine's loopback",
            stage="run",
            fix="leave out --state, --lead and --board, or use --kit virtual",
        )
    if order.idf:
        raise UsageError(
            f"--idf {order.idf[:20]} is for the virtual kit: for an attached one, the installed ESP-IDF builds",
            stage="run",
            fix="leave out --idf, and export the ESP-IDF of that version; or use --kit virtual",
        )


def _build(order: RunOrder, folder: Path) -> FirmwareBuild:
    overlay, sdk = Overlay(kconfig=dict(order.settings)), order.esp_aws_iot
    made = find_esp_idf().build(order.project, folder, order.variant or "", overlay, esp_aws_iot=sdk)
    if order.build_dir is not None:
        made = Path(shutil.copytree(made, order.build_dir, dirs_exist_ok=True))
    return build_in(made)
