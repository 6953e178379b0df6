"""One kit's rehearsal in a process of its own: `python -m kitbench.bench.rehearsal.kit_child ORDER`.

ORDER is JSON: `kit` and `bench` as the command line has them, `ways` of a virtual kit's access point, the `build`
folder and a `log`. The kit is flashed and waits in its loader (`flashed`); on the line `run` it starts, on `stop` it
is parked (`stopped`) and dumped (`dumped`). Each answer is a line of JSON; one with `error` is the last.

A process each, because esptool takes standard output and the whole process's loaders for itself.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

import serial

from kitbench.bench.builds.finished_build import flashed_app_sha256
from kitbench.bench.builds.firmware_build import FirmwareBuild, build_in
from kitbench.bench.kits.bench_file import read_bench_file
from kitbench.bench.kits.bench_kit import open_kit
from kitbench.bench.kits.kit_choice import kits_meant
from kitbench.bench.project_run.flashing import flash
from kitbench.errors import BenchError, KitbenchError
from kitbench.forensics.reading.flash_reader import read_flash
from kitbench.kit.console_on_port import PortLine
from kitbench.kit.port_lock import owned
from kitbench.kit.serial_port import use_quick_rfc2217

_RATE: Final = 115200
_LOOK_EVERY_S: Final = 0.1
#: What the kit said last is within these bytes.
_KEPT: Final = 4096
_LONGEST_LINE: Final = 120


def main(order_text: str) -> int:
    """Rehearse; whatever goes wrong is the last line."""
    order = json.loads(order_text)
    try:
        _rehearse(order)
    except KitbenchError as error:
        _tell({"error": error.message, "stage": error.stage, "fix": error.fix})
    except (serial.SerialException, OSError) as error:
        _tell({"error": (str(error).splitlines() or [type(error).__name__])[0], "stage": "port", "fix": ""})
    else:
        return 0
    return 1


def _rehearse(order: dict[str, Any]) -> None:
    (choice,) = kits_meant(order["kit"], read_bench_file(Path(order["bench"]), is_named=False).kits)
    firmware = build_in(Path(order["build"]))
    use_quick_rfc2217()
    with owned(choice.port), open_kit(choice, order["ways"], Path(order["log"])):
        flash(firmware.folder, choice.port, is_quiet=True)
        _tell({"flashed": True})
        if sys.stdin.readline().strip() != "run":
            raise BenchError("the rehearsal was ended", stage="run")
        _tell({"stopped": True, "last_line": _run_until_told(choice.port)})
        _dump(choice.port, firmware)


def _run_until_told(port: str) -> str:
    """Let the kit run until the next line on standard input, or its end; return what it said last."""
    told = threading.Event()

    def listen() -> None:
        os.read(0, _KEPT)  # not by sys.stdin, whose lock a thread may not hold when Python ends
        told.set()

    with serial.serial_for_url(port, baudrate=_RATE, timeout=_LOOK_EVERY_S) as opened:
        line, said = PortLine(opened), b""
        line.restart()
        threading.Thread(target=listen, daemon=True).start()
        while not told.is_set():
            said = (said + opened.read(max(1, opened.in_waiting)))[-_KEPT:]
        line.park()
    lines = [text.strip() for text in said.decode("ascii", "replace").splitlines() if text.strip()]
    return lines[-1][:_LONGEST_LINE] if lines else ""


def _dump(port: str, firmware: FirmwareBuild) -> None:
    """Read the flash as a grading run does, and prove that the app is in it.

    Raises:
        BenchError: another app is, or the flash cannot be read.
    """
    began = time.monotonic()
    dump = read_flash(port, known=firmware.flash_image(firmware.flash_size), after="no-reset")
    if flashed_app_sha256(firmware, dump) != firmware.app_sha256:
        raise BenchError("the app in the dump is not the one that was flashed", stage="dump", fix="use another kit")
    facts = {"chip": dump.chip, "mac": dump.mac, "bytes": len(dump.data)}
    _tell({"dumped": True, "seconds": time.monotonic() - began, **facts})


def _tell(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
