"""A kit has one owner; a second one is told who it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kitbench.errors import BenchError
from kitbench.kit.port_lock import current_owner, lock_file, lock_folder, owned

OWNER = """
import sys
from pathlib import Path
from kitbench.kit.port_lock import owned
with owned("COM3", Path(sys.argv[1])):
    print("mine", flush=True)
    sys.stdin.read()
"""


def test_second_owner_is_told_the_first_ones_process(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "mine\n"

    with pytest.raises(BenchError, match=f"COM3 is in use by process {first.pid}") as caught, owned("COM3", tmp_path):
        pass

    assert "\n" not in str(caught.value)
    assert current_owner("COM3", tmp_path) == first.pid
    first.kill()  # without a chance to clean up
    first.communicate()
    with owned("COM3", tmp_path):
        assert current_owner("COM3", tmp_path) == os.getpid()


def test_kit_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with owned("/dev/ttyUSB0", tmp_path):
            pass

    assert current_owner("/dev/ttyUSB0", tmp_path) is None


def test_other_kits_are_not_locked(tmp_path: Path) -> None:
    with owned("/dev/ttyUSB0", tmp_path), owned("/dev/ttyUSB1", tmp_path):
        assert current_owner("/dev/ttyUSB2", tmp_path) is None
        assert not lock_file("/dev/ttyUSB2", tmp_path).exists()  # asking leaves nothing behind


def test_names_of_one_device_have_one_lock(tmp_path: Path) -> None:
    device, by_id = tmp_path / "ttyUSB0", tmp_path / "usb-kit"
    device.touch()
    by_id.symlink_to(device)

    assert lock_file(str(by_id), tmp_path) == lock_file(str(device), tmp_path)
    assert lock_file("rfc2217://bench:4000", tmp_path) != lock_file("rfc2217://bench:4001", tmp_path)


def test_owner_that_left_no_name_is_an_owner(tmp_path: Path) -> None:
    with owned("COM3", tmp_path):
        lock_file("COM3", tmp_path).write_text("", encoding="ascii")  # held, but not written yet

        assert current_owner("COM3", tmp_path) == 0
        with pytest.raises(BenchError, match="COM3 is in use by process unknown"), owned("COM3", tmp_path):
            pass


def test_no_place_for_locks_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="cannot lock COM3"), owned("COM3", tmp_path / "nowhere"):
        pass


def test_locks_lie_in_a_folder_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    assert lock_folder() == tmp_path / "kitbench"
    assert lock_folder().stat().st_mode & 0o077 == 0


def test_folder_for_locks_that_cannot_be_made_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "file"))

    with pytest.raises(BenchError, match=r"no place for locks: .*XDG_RUNTIME_DIR"), owned("/dev/ttyUSB0"):
        pass
