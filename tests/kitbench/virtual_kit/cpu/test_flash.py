"""Partitions and NVS as apps use them, in the kit's own flash."""

import zlib

from kitbench.flash_format import partition_table
from kitbench.flash_format.partition_table import Partition
from tests.kitbench.virtual_kit.cpu.app_rig import APP_OFFSET, MemoryFlash, RunProgram

_HEADERS = """
#include <stdio.h>
#include <string.h>
#include "esp_app_desc.h"
#include "esp_ota_ops.h"
#include "esp_partition.h"
#include "nvs_flash.h"
"""
NVS_OFFSET = 0x9000
_DEVCERT_OFFSET = 0x200000


def make_flash() -> MemoryFlash:
    """Return a flash with a partition table."""
    flash = MemoryFlash()
    table = partition_table.serialize(
        (
            Partition("nvs", 1, 2, NVS_OFFSET, 0x6000),
            Partition("factory", 0, 0, APP_OFFSET, 0x180000),
            Partition("devcert", 1, 0x40, _DEVCERT_OFFSET, 0x2000),
        )
    )
    flash.data[0x8000 : 0x8000 + len(table)] = table
    return flash


def test_partition_is_found_erased_written_and_read(run_program: RunProgram) -> None:
    flash = make_flash()
    flash.data[_DEVCERT_OFFSET : _DEVCERT_OFFSET + 4] = b"OLD!"

    run = run_program(
        _HEADERS
        + """
void app_main(void) {
    const esp_partition_t *part = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, 0x40, "devcert");
    char text[8] = "";
    printf("part %s %lx %lx\\n", part->label, (long)part->address, (long)part->size);
    esp_partition_read(part, 0, text, 4);
    printf("before %s\\n", text);
    printf("rc %x %x %x\\n", esp_partition_erase_range(part, 0, 4096), esp_partition_write(part, 0, "DCRT", 4),
           esp_partition_read(part, 0x1fff, text, 2));
    esp_partition_read(part, 0, text, 4);
    printf("after %s\\n", text);
    printf("running %s of %s\\n", esp_ota_get_running_partition()->label, esp_app_get_description()->project_name);
    printf("none %d\\n", esp_partition_find_first(ESP_PARTITION_TYPE_DATA, 0x41, NULL) == NULL);
}
""",
        flash=flash,
    )
    text = run.wait_for("none 1")

    assert "part devcert 200000 2000" in text
    assert "before OLD!" in text
    assert "rc 0 0 104" in text
    assert "after DCRT" in text
    assert "running factory of probe" in text
    assert flash.read(_DEVCERT_OFFSET, 5) == b"DCRT\xff"


def test_nvs_values_survive_a_restart_and_stand_in_the_devices_format(run_program: RunProgram) -> None:
    flash = make_flash()

    program = (
        _HEADERS
        + """
void app_main(void) {
    nvs_handle_t handle; int32_t boots = 0; char text[32] = ""; size_t size = sizeof(text);
    printf("init %x\\n", nvs_flash_init());
    printf("open %x\\n", nvs_open("storage", NVS_READWRITE, &handle));
    nvs_get_i32(handle, "boots", &boots);
    printf("boots %d\\n", (int)++boots);
    nvs_set_i32(handle, "boots", boots);
    nvs_set_str(handle, "ssid", "class room");
    printf("get %x %s %d\\n", nvs_get_str(handle, "ssid", text, &size), text, (int)size);
    unsigned char blob[300], back[300]; size = sizeof(back);
    memset(blob, 0x5a, sizeof(blob));
    nvs_set_blob(handle, "blob", blob, sizeof(blob));
    nvs_get_blob(handle, "blob", back, &size);
    printf("blob %d %d\\n", memcmp(blob, back, 300), (int)size);
    int8_t none;
    printf("missing %x\\n", nvs_get_i8(handle, "missing", &none));
    printf("long %x\\n", nvs_set_i32(handle, "sixteen_chars_12", 1));
    nvs_close(handle);
    printf("closed %x\\n", nvs_set_i32(handle, "boots", 1));
}
"""
    )
    run_program(program, flash=flash).wait_for("closed 1107")
    text = run_program(program, flash=flash).wait_for("closed 1107")

    assert "init 0\r\nopen 0\r\nboots 2\r\nget 0 class room 11\r\nblob 0 300\r\nmissing 1102\r\nlong 1109" in text
    page = flash.read(NVS_OFFSET, 4096)
    assert page[0:9] == bytes.fromhex("feffffff 00000000 fe")
    assert page[28:32] == zlib.crc32(page[4:28], 0xFFFFFFFF).to_bytes(4, "little")
    # First entry: namespace 0, type u8, one entry, no chunk, its CRC, its name, its number.
    assert page[64:68] == bytes.fromhex("000101ff")
    assert page[72:96] == b"storage".ljust(16, b"\0") + b"\x01" + b"\xff" * 7


def test_nvs_partition_that_is_missing_is_told(run_program: RunProgram) -> None:
    run = run_program(_HEADERS + 'void app_main(void) { printf("init %x\\n", nvs_flash_init()); }')

    run.wait_for("init 105")
