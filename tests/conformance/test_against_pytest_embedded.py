"""The virtual kit judged by pytest-embedded's own `esp` and `idf` services, with autoflash, in a generated project."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kitbench.flash_format import partition_table
from tests.conformance.esp_tools import Bench, bench
from tests.kitbench.virtual_kit.chip_rig import APP_OFFSET, PARTITIONS, make_app, make_bootloader

TIMEOUT_S = 200
BUILD_FILES = {"0x1000": "bootloader/bootloader.bin", "0x8000": "partition_table/table.bin", "0x10000": "app.bin"}
#: pytest-embedded runs it on the partition table in flash; ESP-IDF's own is not needed.
PART_TOOL = "print('nvs,data,nvs,0x9000,24K,')\nprint('factory,app,factory,0x10000,1M,')\n"
CONFTEST = "from kitbench.kit.serial_port import use_quick_rfc2217\nuse_quick_rfc2217()\n"
TEST_FILE = """
def test_boots(dut):
    dut.serial.hard_reset()
    dut.expect_exact("rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)")
    dut.expect_exact("2nd stage bootloader")
    dut.expect("factory +factory app +00 00 00010000 00100000")
    dut.expect_exact("Loaded app from partition at offset 0x10000")
    dut.expect_exact("hello from the app")

def test_second_test_does_not_flash_again(dut):
    dut.serial.hard_reset()
    dut.expect_exact("hello from the app")

def test_partitions_are_known_and_dumped(dut, tmp_path):
    assert dut.app.partition_table["factory"]["offset"] == 0x10000
    dut.serial.dump_flash(partition="nvs", output=str(tmp_path / "nvs.bin"))
    assert (tmp_path / "nvs.bin").read_bytes() == b"\\xff" * 0x6000

def test_expectation_can_fail(dut):
    dut.serial.hard_reset()
    dut.expect_exact("a line that nobody prints", timeout=1)
"""


@pytest.fixture(name="bench")
def _bench() -> Iterator[Bench]:
    """A kit with an erased flash, whose app says hello."""
    with bench() as running:
        running.cpu.says = b"hello from the app\r\n"
        yield running


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    """A build folder as idf.py leaves it, and a test beside it."""
    contents = (make_bootloader(), partition_table.serialize(PARTITIONS), make_app())
    for name, content in zip(BUILD_FILES.values(), contents, strict=True):
        path = tmp_path / "build" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    flasher_args = {
        "write_flash_args": ["--flash-mode", "dio", "--flash-size", "4MB", "--flash-freq", "40m"],
        "flash_settings": {"flash_mode": "dio", "flash_size": "4MB", "flash_freq": "40m"},
        "flash_files": BUILD_FILES,
        "partition-table": {"offset": "0x8000", "file": BUILD_FILES["0x8000"], "encrypted": "false"},
        "extra_esptool_args": {"after": "hard-reset", "before": "default-reset", "stub": True, "chip": "esp32"},
    }
    (tmp_path / "build" / "flasher_args.json").write_text(json.dumps(flasher_args))
    (tmp_path / "part_tool.py").write_text(PART_TOOL)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_app.py").write_text(TEST_FILE)
    return tmp_path


def _pytest(project: Path, url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:kitbench", "-rA"]
    command += ["--embedded-services", "esp,idf", "--target", "esp32", "--port", url]
    command += ["--app-path", str(project), "--build-dir", "build", "--part-tool", str(project / "part_tool.py")]
    return subprocess.run(
        [*command, *arguments], cwd=project, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


def test_autoflash_writes_the_build_and_the_app_speaks(bench: Bench, project: Path) -> None:
    result = _pytest(project, bench.kit.url, "-k", "boots")

    assert "1 passed" in result.stdout, result.stdout[-3000:]
    for offset, name in BUILD_FILES.items():
        content = (project / "build" / name).read_bytes()
        assert bench.kit.flash.read(int(offset, 0), len(content)) == content
    assert bench.cpu.apps[-1].offset == APP_OFFSET


@pytest.mark.slow
def test_several_tests_in_one_session_and_a_control_that_fails(bench: Bench, project: Path) -> None:
    result = _pytest(project, bench.kit.url)

    assert "1 failed, 3 passed" in result.stdout, result.stdout[-3000:]
    assert "FAILED test_app.py::test_expectation_can_fail" in result.stdout


@pytest.mark.slow
def test_stock_client(bench: Bench, project: Path) -> None:
    (project / "conftest.py").write_text("")
    (project / "pytest.ini").write_text("[pytest]\nfilterwarnings = ignore::DeprecationWarning\n")

    result = _pytest(project, bench.kit.url, "-k", "boots")

    assert "1 passed" in result.stdout, result.stdout[-3000:]
