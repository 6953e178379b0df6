"""Firmware that leaves a core dump and panics: the failing test tells what the dump says, however the kit is run.

The virtual kit writes no core dumps of its own, so the firmware writes one that was made for it.
"""

from pathlib import Path
from typing import Final

import pytest

from tests.conformance.qemu_suite import install_stand_ins, run_suite
from tests.kitbench.flash_format.core_dump_sample import Sample, Task

SENSOR: Final = Task(b"sensor", 0x3FFAFBA0, (0x400D1000, 0x800D2003), stack=0x3FFB4000)
IDLE: Final = Task(b"IDLE0", 0x3FFAFCF8, (0x40085908,), stack=0x3FFB6000)
FILES: Final = {
    "CMakeLists.txt": (
        "cmake_minimum_required(VERSION 3.16)\ninclude($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(crashing)\n"
    ),
    "main/CMakeLists.txt": 'idf_component_register(SRCS "main.c" EMBED_FILES "core_dump.bin")\n',
    "main/Kconfig.projbuild": 'config EXAMPLE_TOPIC\n    string "Topic"\n',
    "partitions.csv": "factory, app, factory, 0x10000, 1M,\ncoredump, data, coredump, 0x110000, 64K,\n",
    "sdkconfig.defaults": (
        "CONFIG_ESPTOOLPY_FLASHSIZE_4MB=y\nCONFIG_PARTITION_TABLE_CUSTOM=y\n"
        'CONFIG_PARTITION_TABLE_CUSTOM_FILENAME="partitions.csv"\n'
    ),
    "sdkconfig.ci.qemu": "",
    "sdkconfig.ci.embedded_key": "",
    "main/main.c": """
#include <stdlib.h>
#include "esp_partition.h"
extern const uint8_t start[] asm("_binary_core_dump_bin_start");
extern const uint8_t end[] asm("_binary_core_dump_bin_end");
void app_main(void)
{
    const esp_partition_t *partition =
        esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_COREDUMP, NULL);
    esp_partition_erase_range(partition, 0, partition->size);
    esp_partition_write(partition, 0, start, end - start);
    abort();
}
""",
}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kit", ["virtual", "qemu"])
def test_failing_test_shows_the_core_dump_in_the_kits_flash(tmp_path: Path, kit: str) -> None:
    project = tmp_path / "project"
    (project / "main").mkdir(parents=True)
    for name, text in FILES.items():
        (project / name).write_text(text, encoding="utf-8")
    (project / "main" / "core_dump.bin").write_bytes(Sample((SENSOR, IDLE), app=b"").partition(4096))

    run = run_suite(
        install_stand_ins(tmp_path / "bin"),
        tmp_path,
        *("--project", str(project), "--variant", "embedded_key", "-k", "mutual"),
        kit=kit,
    )

    assert run.outcomes == {("kit_connects_with_mutual_authentication", "failed")}, run.output[-3000:]
    assert "abort() was called" in run.report["checks"][0]["reason"]
    assert "core dump of the kit" in run.output
    assert "crashed task 'sensor': StoreProhibited, address 0x00000000" in run.output
    assert "task 'IDLE0': 0x40085908" in (run.evidence / "core_dumps.txt").read_text(encoding="utf-8")
