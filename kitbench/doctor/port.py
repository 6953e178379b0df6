"""The kit's serial port: there, permitted, free, and an ESP32 behind it."""

import errno
import os
import shutil
import subprocess
from pathlib import Path

import serial

from kitbench.doctor.check import Line, State
from kitbench.kit.serial_port import attached_ports, find_one_kit, use_quick_rfc2217


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


def chip(port: str) -> Line:
    """Say which chip answers, its MAC and flash size; this restarts the kit and changes nothing in it."""
    command = shutil.which("esptool") or "esptool"
    arguments = [command, "--port", port, "--connect-attempts", "2", "--no-stub", "flash-id"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    wanted = ("Chip type:", "MAC:", "Detected flash size:")
    seen = [line.strip() for line in done.stdout.splitlines() if line.startswith(wanted)]
    if done.returncode or not seen:
        last = (done.stdout.strip() or done.stderr.strip()).splitlines()
        return Line(
            "chip", State.FAIL, last[-1] if last else "no answer", "hold BOOT while it connects; check the cable"
        )
    return Line("chip", State.OK, "; ".join(" ".join(line.split()) for line in seen))


def chosen_port(kit: str) -> str:
    """Return the port that `--kit` means; raises UsageError where none is attached."""
    return find_one_kit(attached_ports()) if kit == "auto" else kit


def line_for(port: str, error: Exception) -> Line:
    """Return the line for a port that cannot be opened: what is wrong by name, and what mends it."""
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
