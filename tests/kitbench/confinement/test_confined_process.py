"""A confined process, tried with Python that wants more than it may have, with and without the kernel's help."""

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kitbench.confinement.confined_process import Box, Ended, Limit, Limits
from kitbench.errors import BenchError
from tests.kitbench.confinement.landlock_refused import LandlockRefused
from tests.optional_part import LANDLOCK, LINUX

LIMITS = Limits(seconds=20, cpu_seconds=10, memory=256 << 20, file_size=1 << 20)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("kitbench-secret", encoding="utf-8")
    folder = tmp_path / "handed in"
    folder.mkdir()
    (folder / "read.txt").write_text("content", encoding="utf-8")
    return folder


@pytest.fixture(name="with_landlock", params=["kernel", "Python alone"])
def _with_landlock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With Landlock, and on a kernel that has none."""
    if request.param == "kernel":
        LANDLOCK.require()
    else:
        LINUX.require()
        monkeypatch.setattr(sys, "executable", str(LandlockRefused(tmp_path).python))


def run(folder: Path, code: str, *, limits: Limits = LIMITS, writable: tuple[Path, ...] = ()) -> Ended:
    script = folder / "script.py"
    script.write_text(code, encoding="utf-8")
    return Box(limits, readable=(folder,), writable=writable).run_script(script, folder=folder)


@pytest.mark.usefixtures("with_landlock")
def test_what_is_handed_in_can_be_read(folder: Path) -> None:
    ended = run(folder, "print(open('read.txt').read())")

    assert (ended.status, ended.output) == (0, b"content\n")


WAYS_OUT = {
    "read": "print(open('../secret.txt').read())",
    "read by link": "import os; print(open('/proc/self/cwd/../secret.txt').read())",
    "write": "open('../new.txt', 'w').write('kitbench-secret')",
    "write here": "open('new.txt', 'w').write('kitbench-secret')",
    "rename": "import os; os.rename('read.txt', '../new.txt'); print('kitbench-secret')",
    "folder": "import os; os.mkdir('../new'); print('kitbench-secret')",
    "remove": "import os; os.remove('../secret.txt'); print('kitbench-secret')",
    "list": "import os; print(os.listdir('..'))",
    "shell": "import os; os.system('cat ../secret.txt')",
    "program": "import subprocess; subprocess.run(['cat', '../secret.txt'])",
    "become": "import os; os.execv('/bin/cat', ['cat', '../secret.txt'])",
    "spawn": "import os; os.posix_spawn('/bin/cat', ['cat', '../secret.txt'], {})",
    "network": "import socket; socket.create_connection(('127.0.0.1', 9)); print('kitbench-secret')",
    "server": "import socket; socket.create_server(('127.0.0.1', 0)); print('kitbench-secret')",
}


@pytest.mark.usefixtures("with_landlock")
@pytest.mark.parametrize("way", WAYS_OUT)
def test_nothing_leads_out(folder: Path, way: str) -> None:
    ended = run(folder, WAYS_OUT[way])

    assert b"kitbench-secret" not in ended.output
    assert b"secret.txt" not in ended.output
    assert sorted(path.name for path in folder.parent.iterdir() if "new" in path.name) == []
    assert (folder.parent / "secret.txt").exists()
    assert b"PermissionError" in ended.errors


def test_control_ways_out_are_open_to_who_is_not_confined(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", WAYS_OUT["read"]], cwd=folder, capture_output=True, check=True)

    assert done.stdout == b"kitbench-secret\n"


@pytest.mark.usefixtures("with_landlock")
def test_writable_folder_can_be_written(folder: Path, tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()

    assert run(folder, f"open({str(room / 'x')!r}, 'w').write('made')", writable=(room,)).status == 0
    assert (room / "x").read_text(encoding="utf-8") == "made"


@LINUX.needed
@pytest.mark.parametrize(
    ("code", "limits", "limit"),
    [
        ("import time; time.sleep(60)", replace(LIMITS, seconds=1), Limit.TIME),
        ("while True: pass", replace(LIMITS, cpu_seconds=1), Limit.PROCESSOR),
        ("x = bytearray(1 << 30)", LIMITS, Limit.MEMORY),
        ("x = []\nwhile True: x.append('.' * 100000)", LIMITS, Limit.MEMORY),
        ("while True: print('x' * 65536)", LIMITS, Limit.FILE_SIZE),
    ],
)
def test_limit_is_named(folder: Path, code: str, limits: Limits, limit: Limit) -> None:
    ended = run(folder, code, limits=limits)

    assert ended.limit is limit
    assert len(ended.output) <= limits.output


def test_process_within_its_limits_names_none(folder: Path) -> None:
    assert run(folder, "raise SystemExit(3)") == Ended(3, b"", b"")


def test_what_it_leaves_behind_is_ended(folder: Path) -> None:
    code = "import sys, time; print('up', flush=True); time.sleep(60)"
    started = time.monotonic()

    ended = run(folder, code, limits=replace(LIMITS, seconds=2))

    assert ended.timed_out
    assert time.monotonic() - started < 15


def test_who_stops_it_does_not_wait(folder: Path) -> None:
    stop = threading.Event()
    stop.set()

    ended = Box(LIMITS).run_module("this", folder=folder, stop=stop)

    assert ended.stopped


def test_module_beside_the_current_folder_is_not_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "json.py").write_text("print('taken')", encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])

    ended = Box(LIMITS, readable=(folder,)).run_module("json.tool", folder=folder, stdin=b"{}")

    assert b"taken" not in ended.output
    assert ended.status == 0


def test_environment_is_what_was_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "kitbench-secret")

    assert b"kitbench-secret" not in run(folder, "import os; print(dict(os.environ))").output


def test_missing_folder_is_the_benchs_fault(folder: Path) -> None:
    with pytest.raises(BenchError, match="cannot start"):
        Box(LIMITS).run_program(["/bin/true"], folder=folder / "nowhere")
