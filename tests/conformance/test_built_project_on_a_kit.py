"""From C source to the serial line: build, flash with unmodified esptool, boot, print, read, restart."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from kitbench.kit.serial_port import use_quick_rfc2217
from kitbench.virtual_kit.kit import KitOptions, VirtualKit
from kitbench.virtual_kit.toolchain import build_project
from tests.conformance.esp_tools import Bench
from tests.kitbench.virtual_kit.chip_rig import FakeCpu

DEADLINE_S = 60
SOURCE = r"""
#include <stdio.h>
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

void app_main(void)
{
    printf("app says hello\n");
    vTaskDelay(pdMS_TO_TICKS(300));
    esp_restart();
}
"""

pytestmark = pytest.mark.slow


@pytest.fixture(name="kit")
def _kit() -> Iterator[VirtualKit]:
    """A kit with its real CPU and an erased flash."""
    with VirtualKit(KitOptions()) as kit:
        yield kit


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    """A project of one file."""
    (tmp_path / "hello" / "main").mkdir(parents=True)
    (tmp_path / "hello" / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\ninclude($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(hello)\n"
    )
    (tmp_path / "hello" / "main" / "CMakeLists.txt").write_text('idf_component_register(SRCS "main.c")\n')
    (tmp_path / "hello" / "main" / "main.c").write_text(SOURCE)
    return tmp_path / "hello"


def _read_until(port: serial.SerialBase, text: bytes) -> bytes:
    got, deadline = b"", time.monotonic() + DEADLINE_S
    while text not in got:
        assert time.monotonic() < deadline, got[-2000:]
        got += port.read(4096)
    return got


def test_project_is_built_flashed_and_runs(
    kit: VirtualKit, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = build_project(project, tmp_path / "build")
    monkeypatch.chdir(build.build_dir)  # as people do: its files are named from there

    outcome = Bench(kit, FakeCpu()).esptool("--baud", "921600", "write-flash", "@flash_args")

    assert outcome.says("Hash of data verified.")
    use_quick_rfc2217()
    with serial.serial_for_url(kit.url, baudrate=115200, timeout=0.2) as port:
        port.dtr, port.rts = False, True
        port.reset_input_buffer()
        port.rts = False
        first = _read_until(port, b"app says hello\r\n")
        again = _read_until(port, b"app says hello\r\n")

    assert b"rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)" in first
    assert b"Loaded app from partition at offset 0x10000" in first
    assert b"rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)" in again
