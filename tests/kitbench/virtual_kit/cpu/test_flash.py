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


_ITERATED = """
static void list(const char *space, nvs_type_t type) {
    nvs_iterator_t it = NULL; nvs_entry_info_t info;
    esp_err_t error = nvs_entry_find("nvs", space, type, &it);
    while (error == ESP_OK) {
        nvs_entry_info(it, &info);
        printf("%s/%s:%x ", info.namespace_name, info.key, info.type);
        error = nvs_entry_next(&it);
    }
    printf("%x %d\\n", error, it == NULL);
}
static uint8_t blob[3000];
void app_main(void) {
    nvs_handle_t one, two; size_t used = 9; nvs_stats_t before, after; nvs_iterator_t it = (nvs_iterator_t)1;
    printf("early %x %x\\n", nvs_entry_find("nvs", NULL, NVS_TYPE_ANY, &it), nvs_get_stats(NULL, &before));
    nvs_flash_init(); nvs_open("one", NVS_READWRITE, &one); nvs_open("two", NVS_READWRITE, &two);
    nvs_get_stats(NULL, &before);
    nvs_set_i32(one, "number", 1); nvs_set_str(one, "text", "words"); nvs_set_blob(two, "blob", blob, 3000);
    nvs_set_u8(two, "small", 1); nvs_set_i32(one, "gone", 1); nvs_erase_key(one, "gone");
    list(NULL, NVS_TYPE_ANY); list("two", NVS_TYPE_ANY); list(NULL, NVS_TYPE_I32); list("three", NVS_TYPE_ANY);
    nvs_get_stats(NULL, &after); int error = nvs_get_used_entry_count(one, &used);
    printf("used %x %d %d of %d in %d\\n", error, (int)used, (int)(after.used_entries - before.used_entries),
           (int)after.total_entries, (int)after.namespace_count);
    printf("closed %x %x\\n", (nvs_close(one), nvs_get_used_entry_count(one, &used)), nvs_entry_next(&it));
}
"""


def test_nvs_entries_are_listed_and_counted(run_program: RunProgram) -> None:
    text = run_program(_HEADERS + _ITERATED, flash=make_flash()).wait_for("closed 1107 102\r\n")

    assert "early 1101 1101\r\n" in text
    assert "one/number:14 one/text:21 two/blob:42 two/small:1 1102 1\r\n" in text
    assert "\r\ntwo/blob:42 two/small:1 1102 1\r\none/number:14 1102 1\r\n1102 1\r\n" in text
    # A number, a text of two entries; a blob of 94 and its head, its index, a number: six pages of 126 entries.
    assert "used 0 3 100 of 756 in 2\r\n" in text
