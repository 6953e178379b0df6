"""`kitbench virtual-kit` as a process."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from kitbench.command_line import virtual_kit
from kitbench.virtual_kit.atecc608a.chip_defect import DEFECTS
from kitbench.virtual_kit.memory_limit import KIT_BYTES, PROCESS_BYTES
from tests.optional_part import LINUX

TIMEOUT_S = 30
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(name="start")
def _start() -> Iterator[Start]:
    """A factory of kit processes, all of which end with the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "kitbench", "virtual-kit", *arguments]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate(timeout=TIMEOUT_S)


def _ready(process: "subprocess.Popen[str]") -> dict[str, object]:
    assert process.stdout is not None
    facts: dict[str, object] = json.loads(process.stdout.readline())
    return facts


def test_json_line_tells_what_a_script_needs(start: Start) -> None:
    facts = _ready(start("--json"))

    assert set(facts) == {"port", "mac", "flash_size", "secure_element", "board", "door"}
    assert (facts["board"], facts["secure_element"]) == ("course", "tcustom_locked")
    assert facts["flash_size"] == 0x400000
    url = urlsplit(str(facts["port"]))
    assert (url.scheme, url.hostname) == ("rfc2217", "127.0.0.1")
    with socket.create_connection(("127.0.0.1", url.port or 0), timeout=TIMEOUT_S) as client:
        assert client.recv(10)


@LINUX.needed  # limits of other processes are read from /proc
def test_memory_of_all_kits_together_is_limited(start: Start) -> None:
    process = start("--json", "--count", "2")
    _ready(process)

    [line] = [
        line
        for line in Path(f"/proc/{process.pid}/limits").read_text().splitlines()
        if line.startswith("Max data size")
    ]

    assert int(line.split()[3]) == PROCESS_BYTES + 2 * KIT_BYTES


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_it_cleanly(start: Start, number: signal.Signals) -> None:
    process = start("--json")
    _ready(process)

    process.send_signal(number)
    _, errors = process.communicate(timeout=TIMEOUT_S)

    assert (process.returncode, errors) == (0, "")


def test_count_starts_kits_with_files_of_their_own(start: Start, tmp_path: Path) -> None:
    process = start("--json", "--count", "3", "--flash", str(tmp_path / "flash.bin"))
    kits = [_ready(process) for _ in range(3)]

    assert len({kit["port"] for kit in kits}) == len({kit["mac"] for kit in kits}) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["flash.1.bin", "flash.2.bin", "flash.bin"]


def test_mac_is_the_kits_own_and_kept_with_the_fuses(start: Start, tmp_path: Path) -> None:
    kept = ("--json", "--efuses", str(tmp_path / "efuses.bin"))

    macs = [_ready(start(*arguments))["mac"] for arguments in (("--json",), ("--json",), kept, kept)]

    assert len(set(macs)) == 3
    assert macs[2] == macs[3]


def test_process_dies_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys\n"
        "kit = subprocess.Popen([sys.executable, '-m', 'kitbench', 'virtual-kit', '--json', '--die-with-parent'],"
        " stdout=subprocess.PIPE, text=True)\n"
        "print(kit.stdout.readline().strip(), kit.pid, flush=True)\n"
    )
    parent = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S, check=True
    )
    pid = int(parent.stdout.split()[-1])

    assert _is_gone(pid)


def _is_gone(pid: int) -> bool:
    for _ in range(TIMEOUT_S * 10):
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":  # dead, and nobody has asked for its status
            return True
        os.sched_yield()
        signal.sigtimedwait([], 0.1)
    return False


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("--flash", "/nonexistent/flash.bin"), 2, "flash file /nonexistent/flash.bin cannot be used"),
        (("--access-point", "nowhere"), 3, "access point 'nowhere' is not HOST:PORT"),
        (("--secure-element", "atecc9000"), 3, "Invalid value for '--secure-element'"),
        (
            ("--secure-element", "none", "--secure-element-flaw", "absent"),
            3,
            "--secure-element-flaw needs a --secure-element",
        ),
        (("--port", "70000"), 3, "Invalid value for '--port'"),
        (("--log", "/nonexistent/kit.log"), 2, "log file /nonexistent/kit.log cannot be used"),
    ],
)
def test_faults_are_told_in_one_line(start: Start, arguments: tuple[str, ...], status: int, message: str) -> None:
    process = start(*arguments)
    _, errors = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode == status
    assert message in errors
    assert "Traceback" not in errors


def test_taken_port(start: Start) -> None:
    port = urlsplit(str(_ready(start("--json"))["port"])).port
    process = start("--port", str(port))

    _, errors = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode == 2
    assert f"port {port} of 127.0.0.1 cannot be opened" in errors


def test_secure_element_is_fitted(start: Start) -> None:
    assert _ready(start("--json", "--secure-element", "tflex"))["secure_element"] == "tflex"


def test_help_has_an_example_and_the_exit_status(start: Start) -> None:
    output, _ = start("--help").communicate(timeout=TIMEOUT_S)

    assert "esptool --port rfc2217://" in output
    assert "Exit status: 0 ended by a signal" in output


def test_flaws_are_those_of_the_model() -> None:
    assert virtual_kit._FLAWS == DEFECTS
