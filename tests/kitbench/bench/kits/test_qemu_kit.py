"""A kit in QEMU: firmware laid into its flash file, the dump from it, and the machine in hand."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kitbench.bench.builds.firmware_build import FirmwareBuild, build_in
from kitbench.bench.kits.qemu_kit import QemuControl, QemuFiles
from kitbench.errors import BenchError, UsageError

SIZE = 2 << 20


def build(folder: Path, app: bytes, *, flash_size: str = "2MB") -> FirmwareBuild:
    """Return a build folder with nothing but an app."""
    folder.mkdir()
    (folder / "app.bin").write_bytes(app)
    (folder / "app.elf").write_bytes(app)
    arguments: dict[str, object] = {"flash_settings": {"flash_size": flash_size}, "app": {"file": "app.bin"}}
    arguments["flash_files"] = {"0x10000": "app.bin"}
    (folder / "flasher_args.json").write_text(json.dumps(arguments), encoding="utf-8")
    return build_in(folder)


class Machine(subprocess.Popen[bytes]):
    """In pytest-embedded's `Qemu`'s place: a process, and what its monitor was told."""

    def __init__(self, program: str) -> None:
        super().__init__([sys.executable, "-c", program], stdin=subprocess.PIPE)
        self.told: list[str] = []

    def qmp_execute_cmd(self, command: str) -> None:
        self.told.append(command)
        if command == "quit":
            self.kill()


class Dut:
    """In `QemuDut`'s place."""

    def __init__(self, machine: Machine, log: Path) -> None:
        self.qemu = machine
        self.logfile = str(log)


@pytest.fixture
def files(tmp_path: Path) -> QemuFiles:
    """A chip that was never flashed."""
    return QemuFiles(tmp_path)


def test_dump_is_the_very_file_that_was_flashed(files: QemuFiles, tmp_path: Path) -> None:
    path = files.lay(build(tmp_path / "a", b"app"), erase_all=True)

    dump = files.dump()

    assert dump.data == path.read_bytes()
    assert dump.data == (b"\xff" * 0x10000 + b"app").ljust(SIZE, b"\xff")
    assert dump.efuses["FLASH_CRYPT_CNT"] == 0


def test_what_firmware_wrote_stays_until_all_is_erased(files: QemuFiles, tmp_path: Path) -> None:
    first, second = build(tmp_path / "a", b"first"), build(tmp_path / "b", b"second")
    path = files.lay(first, erase_all=True)
    flash = bytearray(path.read_bytes())
    flash[0x9000:0x9003] = b"nvs"
    path.write_bytes(flash)

    files.lay(first, erase_all=False)
    assert path.read_bytes()[0x9000:0x9003] == b"nvs"
    files.lay(second, erase_all=False)
    assert path.read_bytes()[0x9000:0x9003] == b"nvs"
    assert path.read_bytes()[0x10000:0x10006] == b"second"
    files.lay(second, erase_all=True)
    assert path.read_bytes()[0x9000:0x9003] == b"\xff" * 3


def test_flash_of_a_size_that_qemu_has_not_is_refused(files: QemuFiles, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="QEMU has no flash of 1048576 bytes"):
        files.lay(build(tmp_path / "a", b"app", flash_size="1MB"), erase_all=True)


@pytest.mark.parametrize("flash_size", ["keep", "detect", "", "999999999999MB"])
def test_build_for_any_flash_gets_the_usual_one(files: QemuFiles, tmp_path: Path, flash_size: str) -> None:
    path = files.lay(build(tmp_path / "a", b"app", flash_size=flash_size), erase_all=True)

    assert path.stat().st_size == 4 << 20


def test_torn_flash_file_is_the_benchs_fault(files: QemuFiles, tmp_path: Path) -> None:
    files.lay(build(tmp_path / "a", b"app"), erase_all=True).write_bytes(b"torn")

    with pytest.raises(BenchError, match="has 4 bytes now"):
        files.dump()


def test_kit_is_held_released_restarted_and_parked_by_the_monitor(files: QemuFiles, tmp_path: Path) -> None:
    machine = Machine("import time; time.sleep(60)")
    control = QemuControl(Dut(machine, tmp_path / "log"), files)

    control.hold()
    control.release()
    control.restart()
    control.close()
    control.park()

    resets = ["system_reset", "cont"]
    assert machine.told == ["query-status", "stop", "system_reset", *resets, *resets, "quit"]
    assert machine.poll() is not None


def test_qemu_that_ended_by_itself_is_the_benchs_fault(files: QemuFiles, tmp_path: Path) -> None:
    machine = Machine("raise SystemExit(3)")
    (tmp_path / "log").write_text("qemu-system-xtensa: Error: no flash\n", encoding="utf-8")
    control = QemuControl(Dut(machine, tmp_path / "log"), files)
    machine.wait()

    with pytest.raises(BenchError, match=r"ended by itself with status 3; it said last: .*no flash"):
        control.restart()
    control.park()
    with pytest.raises(BenchError, match="QEMU has ended"):
        control.hold()


def test_monitor_that_never_answers_is_the_benchs_fault(
    files: QemuFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kitbench.bench.kits.qemu_kit.STARTS_WITHIN_S", 0.2)
    monkeypatch.setattr("kitbench.bench.kits.qemu_kit.ANSWERS_WITHIN_S", 0.1)
    silence = threading.Event()
    machine = Machine("import time; time.sleep(60)")
    monkeypatch.setattr(machine, "qmp_execute_cmd", lambda _: silence.wait(30))
    control = QemuControl(Dut(machine, tmp_path / "log"), files)

    with pytest.raises(BenchError, match="does not take 'query-status': no answer within"):
        control.hold()

    monkeypatch.setattr("kitbench.bench.kits.qemu_kit.ENDS_WITHIN_S", 0.1)
    control.park()
    silence.set()
    assert machine.poll() is not None


def test_flash_is_not_written_while_qemu_runs(files: QemuFiles, tmp_path: Path) -> None:
    machine = Machine("import time; time.sleep(60)")
    control = QemuControl(Dut(machine, tmp_path / "log"), files)

    with pytest.raises(BenchError, match="takes no 3 bytes at 0x190000"):
        control.write_flash(0x190000, b"abc")
    control.park()
