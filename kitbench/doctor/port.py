"""The kit's serial port: there, permitted, free, and an ESP32 behind it."""

import errno
import json
import os
import subprocess
from pathlib import Path
from typing import Final

import serial

from kitbench.confinement.python_process import python
from kitbench.doctor.check import Line, State
from kitbench.kit.serial_port import attached_ports, use_quick_rfc2217

ANSWERS_WITHIN_S: Final = 20.0
CHIP_FIX: Final = "hold BOOT while it connects; check the cable"

EFUSE_FIX: Final = "use another kit: this one runs no firmware of the bench's, or hides its flash, for ever"


def ports() -> Line:
    """Say which serial ports this machine has."""
    seen = [f"{port.device} ({port.bridge or 'no kit bridge'})" for port in attached_ports()]
    if not seen:
        return Line("serial ports", State.WARN, "none", "plug a kit in, or use --kit virtual")
    return Line("serial ports", State.OK, ", ".join(seen))


def permission(port: str) -> Line:
    """Say whether the port can be opened, and if not what would let it."""
    try:
        use_quick_rfc2217()
        serial.serial_for_url(port, timeout=1).close()
    except (serial.SerialException, OSError) as error:
        return line_for(port, error)
    return Line("port", State.OK, f"{port} can be opened")


def chip(port: str, *, expected_mac: str = "", expected_flash: str = "") -> Line:
    """Say which chip answers, its MAC and flash size; this restarts the kit and changes nothing in it."""
    # A process of its own: esptool prints, and cannot be told to give up.
    arguments = python("-m", "kitbench.kit.kit_identity", port)
    try:
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=ANSWERS_WITHIN_S, check=False)
    except subprocess.TimeoutExpired:
        return Line("chip", State.FAIL, f"no answer within {ANSWERS_WITHIN_S:g} s", CHIP_FIX)
    if done.returncode:
        last = done.stderr.strip().splitlines()
        return Line("chip", State.FAIL, last[-1] if last else "no answer", CHIP_FIX)
    seen = json.loads(done.stdout)
    detail = f"{seen['chip']}, MAC {seen['mac']}, flash {seen['flash_size'] or 'unknown'}"
    if expected_mac not in ("", seen["mac"]):
        return Line("chip", State.FAIL, f"{detail}; expected MAC {expected_mac}", "correct bench.toml, or the cables")
    if expected_flash not in ("", seen["flash_size"]):
        return Line(
            "chip", State.FAIL, f"{detail}; expected flash {expected_flash}", "correct bench.toml, or the cables"
        )
    if seen["protections"]:
        return Line("chip", State.FAIL, f"{detail}, eFuses enforce {' and '.join(seen['protections'])}", EFUSE_FIX)
    return Line("chip", State.OK, f"{detail}, no protection in eFuses")


def line_for(port: str, error: Exception) -> Line:
    """Return the line for a port that cannot be opened: what is wrong by name, and what fixes it."""
    number = getattr(error, "errno", None)
    if number == errno.EACCES:
        group = _group(port)
        return Line(
            "port", State.FAIL, f"{port}: permission denied", f"sudo usermod -aG {group} $USER, then log in again"
        )
    if number == errno.EBUSY:
        return Line("port", State.FAIL, f"{port} is busy: {_owners(port)}", "close the program that has it open")
    if number == errno.ENOENT:
        return Line("port", State.FAIL, f"{port} does not exist", "check the cable and `dmesg | tail`")
    return Line("port", State.FAIL, f"{port}: {error}".splitlines()[0], "check the name and the cable")


def _group(port: str) -> str:
    try:
        return Path(port).group()
    except (OSError, KeyError):
        return "dialout"


def _owners(port: str) -> str:
    """Return which processes have the port open, as far as this user may see."""
    owners = []
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(os.path.realpath(link) == os.path.realpath(port) for link in folder.iterdir()):
                owners.append((folder.parent / "comm").read_text(encoding="utf-8").strip())
        except OSError:
            continue
    return ", ".join(owners) or "by a process of another user"
