"""A build written to a kit over its serial port, by esptool in this process; the kit stays held in its loader."""

import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import esptool
import serial
from esptool.util import FatalError

from kitbench.bench.builds.build_description import FLASHER_ARGS, file_in, read_object
from kitbench.errors import BenchError, KitError
from kitbench.kit.serial_port import use_quick_rfc2217

_BAUD: Final = "921600"
_SETTINGS: Final = ("flash_mode", "flash_size", "flash_freq")


def flash(folder: Path, port: str, *, is_quiet: bool) -> None:
    """Write what a build folder flashes, at its offsets, and nothing else: the rest of the flash stays.

    Args:
        folder: of the build.
        port: of the kit.
        is_quiet: esptool's own words go nowhere, unless it fails.

    Raises:
        BenchError: no kit answers, or the link fails.
        KitError: the build does not say what is flashed.
    """
    use_quick_rfc2217()
    arguments = read_object(folder / FLASHER_ARGS)
    words = ["--chip", _chip(arguments), "--port", port, "--baud", _BAUD, "--after", "no-reset", "write-flash"]
    settings = arguments.get("flash_settings", {})
    for name in _SETTINGS:
        if isinstance(settings.get(name), str):
            words += [f"--{name.replace('_', '-')}", settings[name]]
    for offset, name in arguments.get("flash_files", {}).items():
        words += [offset, str(file_in(folder, name))]
    with _told(is_quiet) as said:
        try:
            esptool.main(words)
        except (FatalError, serial.SerialException, OSError, SystemExit) as error:
            lines = str(error).splitlines() or said().splitlines()[-1:] or ["esptool failed"]
            raise BenchError(f"cannot flash the kit on {port}: {lines[0]}", stage="flash") from error


def _chip(arguments: dict[str, Any]) -> str:
    chip = arguments.get("extra_esptool_args", {}).get("chip")
    if not isinstance(chip, str) or not arguments.get("flash_files"):
        raise KitError(f"{FLASHER_ARGS} does not say what is flashed, or onto which chip", stage="flash")
    return chip


@contextlib.contextmanager
def _told(is_quiet: bool) -> Iterator[Callable[[], str]]:  # noqa: FBT001 - one switch
    """Keep what esptool prints off standard output, which is the kit's; yield what returns it."""
    kept = io.StringIO()
    with contextlib.redirect_stdout(kept if is_quiet else sys.stderr):
        yield kept.getvalue
