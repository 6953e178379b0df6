"""A firmware that aborts, built and run on a virtual kit: its function is named; one that does not is left alone."""

import time
from pathlib import Path
from typing import Final

import pytest
import serial

from kitbench.bench.builds.firmware_build import FirmwareBuild, build_in
from kitbench.bench.kits.kit_crash import NO_CRASH, crash_in
from kitbench.kit.serial_port import use_quick_rfc2217
from kitbench.virtual_kit.kit import KitOptions, VirtualKit
from kitbench.virtual_kit.toolchain import build_project

FLASH_SIZE: Final = 4 << 20
DEADLINE_S: Final = 60
SOURCE: Final = r"""
#include <stdio.h>
#include <stdlib.h>

static __attribute__((noinline)) void read_sensor(int pin)
{
    printf("reading pin %d\n", pin);
    FAULT;
}

void app_main(void)
{
    read_sensor(4);
    printf("all is well\n");
}
"""


def build(folder: Path, fault: str) -> FirmwareBuild:
    """Build a project whose `read_sensor` does what `fault` says."""
    main = folder / "project" / "main"
    main.mkdir(parents=True)
    (main.parent / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\ninclude($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(sensor)\n"
    )
    (main / "CMakeLists.txt").write_text('idf_component_register(SRCS "main.c")\n')
    (main / "main.c").write_text(SOURCE.replace("FAULT", fault))
    build_project(main.parent, folder / "build")
    return build_in(folder / "build")


def log_of(firmware: FirmwareBuild, folder: Path, until: bytes) -> str:
    """Run the firmware on a virtual kit; return what it printed, up to a text."""
    flash = folder / "flash.bin"
    flash.write_bytes(firmware.flash_image(FLASH_SIZE))
    use_quick_rfc2217()
    with (
        VirtualKit(KitOptions(flash_file=flash)) as kit,
        serial.serial_for_url(kit.url, baudrate=115200, timeout=0.2) as port,
    ):
        port.dtr, port.rts = False, True
        port.reset_input_buffer()
        port.rts = False
        log, deadline = b"", time.monotonic() + DEADLINE_S
        while until not in log:
            assert time.monotonic() < deadline, log[-1000:]
            log += port.read(4096)
    said, end, _ = log.partition(until)  # a kit that crashes goes on with its next boot
    return (said + end).decode(errors="replace")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("abort()", "the kit panicked: abort() was called at PC 0x"),
        (
            "int *volatile nowhere = 0; *nowhere = 1",
            "the kit panicked: Guru Meditation Error: Core  0 panic'ed (StoreProhibited)",
        ),
    ],
)
def test_crash_of_a_built_firmware_names_its_function(tmp_path: Path, fault: str, reason: str) -> None:
    firmware = build(tmp_path, fault)

    crash = crash_in(log_of(firmware, tmp_path, b"Rebooting..."), firmware.elf)

    assert crash.summary.startswith(reason)
    assert ", in read_sensor" in crash.summary
    assert [line.split()[-1] for line in crash.backtrace.splitlines()[1:3]] == ["read_sensor", "app_main"]


@pytest.mark.slow
def test_firmware_that_does_not_crash_is_left_alone(tmp_path: Path) -> None:
    firmware = build(tmp_path, "(void)pin")

    assert crash_in(log_of(firmware, tmp_path, b"all is well"), firmware.elf) == NO_CRASH


def test_crash_is_told_without_names_where_the_elf_is_none(tmp_path: Path) -> None:
    elf = tmp_path / "app.elf"
    elf.write_bytes(b"no ELF")

    crash = crash_in("abort() was called at PC 0x400d0110 on core 0\nBacktrace: 0x400d0110:0x3ffb0020\n", elf)

    assert crash.summary == "the kit panicked: abort() was called at PC 0x400d0110 on core 0"
    assert crash.backtrace.endswith("0x400d0110 ?")
