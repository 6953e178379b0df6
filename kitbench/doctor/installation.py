"""What is installed: Python, packages, extras, ESP-IDF, QEMU, the build sandbox."""

import importlib.metadata
import platform
import shutil
import subprocess
import sys
from typing import Final

from kitbench.doctor.check import Line, State
from kitbench.errors import UsageError
from kitbench.extras import Extra, command, missing
from kitbench.kit.build_sandbox import Box, choose_box
from kitbench.kit.esp_idf import command_of
from kitbench.kit.qemu import find_qemu

#: Less than all checks may take together; idf.py looks at its whole installation before it answers.
ANSWERS_WITHIN_S: Final = 15.0
IDF_FIX: Final = "install ESP-IDF again ($IDF_PATH/install.sh), then . $IDF_PATH/export.sh"
OLDEST_PYTHON: Final = (3, 11)
PACKAGES: Final = ("pytest", "pytest-embedded", "esptool", "boto3", "awsiotsdk", "cryptography")


def python() -> Line:
    """Say which Python this is."""
    version = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        return Line("python", State.FAIL, version, "install Python 3.11 or newer")
    return Line("python", State.OK, version)


def packages() -> Line:
    """Say which versions of the packages that matter are installed."""
    seen, missing = [], []
    for name in PACKAGES:
        try:
            seen.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Line("packages", State.FAIL, f"missing: {', '.join(missing)}", "pip install kitbench")
    return Line("packages", State.OK, ", ".join(seen))


def extras(*needed: Extra) -> Line:
    """Say which stand-ins are installed; one that the run needs and has not fails."""
    lacking = {extra: lacks for extra in Extra if (lacks := missing(extra))}
    for extra in needed:
        if extra in lacking:
            return Line("extras", State.FAIL, f"missing: {', '.join(lacking[extra])}", command(extra))
    return Line("extras", State.OK, ", ".join(extra for extra in Extra if extra not in lacking) or "none")


def window_kernel() -> Line:
    """Say whether audits have their compiled kernel."""
    from kitbench.forensics.window_scan.fastest_kernel import fastest_kernel  # noqa: PLC0415 - numpy is slow to load

    if fastest_kernel().is_compiled:
        return Line("audit", State.OK, "window kernel compiled")
    fix = "install a wheel for this machine, or reinstall where there is a C compiler"
    return Line("audit", State.WARN, "window kernel in Python: 4 MB take minutes", fix)


def esp_idf() -> Line:
    """Say whether ESP-IDF's idf.py can be run, and its version."""
    program = shutil.which("idf.py")
    if program is None:
        fix = "needed for real kits: . $IDF_PATH/export.sh"
        return Line("ESP-IDF", State.WARN, "idf.py is not on PATH", fix)
    command = [*command_of(program), "--version"]
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=ANSWERS_WITHIN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Line("ESP-IDF", State.FAIL, f"{program} does not run: {type(error).__name__}", IDF_FIX)
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines() or ["nothing"]
        return Line("ESP-IDF", State.FAIL, f"{program} does not run; it said last: {said[-1][:200]}", IDF_FIX)
    return Line("ESP-IDF", State.OK, done.stdout.decode(errors="replace").strip())


def qemu(*, is_kit: bool = False) -> Line:
    """Say whether Espressif's QEMU is there, with pytest-embedded's service; `is_kit` when a run is to use it."""
    try:
        found = find_qemu()
    except UsageError as error:
        if is_kit:
            return Line("QEMU", State.FAIL, error.message, error.fix)
        return Line("QEMU", State.OK, f"{error.message}; only --kit qemu needs it")
    return Line("QEMU", State.OK, f"{found.version}, {found.program}")


def build_sandbox() -> Line:
    """Say what keeps a student's CMake from the rest of the machine."""
    box = choose_box()
    if box is Box.NONE:
        return Line("build sandbox", State.WARN, "none: ESP-IDF builds run unconfined", "apt-get install bubblewrap")
    return Line("build sandbox", State.OK, box.value)
