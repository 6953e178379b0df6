"""An app writes itself into the other slot and chooses it; the virtual kit's own boot loader follows."""

import hashlib

from kitbench.flash_format import app_image, partition_table
from kitbench.flash_format.boot_order import selected_slot
from kitbench.flash_format.partition_table import Partition
from tests.kitbench.virtual_kit.cpu.app_rig import APP_OFFSET, MemoryFlash, RunProgram

_SLOT = 0x200000
_PROGRAM = """
#include <stdio.h>
#include <string.h>
#include "esp_ota_ops.h"
#define SIZE 0x180000
static uint8_t piece[4096];
static esp_err_t copy(esp_ota_handle_t handle, const esp_partition_t *from, int spoilt) {
    for (unsigned at = 0; at < SIZE; at += sizeof(piece)) {
        esp_partition_read(from, at, piece, sizeof(piece));
        if (spoilt && at == 8192) piece[7] ^= 1;
        esp_err_t error = esp_ota_write(handle, piece, sizeof(piece));
        if (error) return error;
    }
    return esp_ota_end(handle);
}
void app_main(void) {
    const esp_partition_t *running = esp_ota_get_running_partition(), *next = esp_ota_get_next_update_partition(NULL);
    esp_ota_handle_t handle;
    printf("running %s boot %s next %s of %d\\n", running->label, esp_ota_get_boot_partition()->label, next->label,
           esp_ota_get_app_partition_count());
    printf("into itself %x\\n", esp_ota_begin(running, OTA_SIZE_UNKNOWN, &handle));
    esp_ota_begin(next, OTA_WITH_SEQUENTIAL_WRITES, &handle);
    printf("no image %x\\n", esp_ota_write(handle, "hello", 5));
    esp_ota_abort(handle);
    esp_ota_begin(next, OTA_WITH_SEQUENTIAL_WRITES, &handle);
    printf("spoilt %x %x\\n", copy(handle, running, 1), esp_ota_set_boot_partition(next));
    esp_ota_begin(next, SIZE, &handle);
    printf("whole %x\\n", copy(handle, running, 0));
    printf("set %x boot %s\\n", esp_ota_set_boot_partition(next), esp_ota_get_boot_partition()->label);
    const void *here, *there; esp_partition_mmap_handle_t one, two;
    esp_partition_mmap(running, 0x10000, 0x80000, ESP_PARTITION_MMAP_DATA, &here, &one);
    esp_partition_mmap(next, 0x10000, 0x80000, ESP_PARTITION_MMAP_DATA, &there, &two);
    printf("mapped %d\\n", memcmp(here, there, 0x80000));
    esp_partition_munmap(two); esp_partition_munmap(one);
    printf("done\\n");
}
"""


_DIGESTS = """
#include <stdio.h>
#include <string.h>
#include "esp_ota_ops.h"
static uint8_t digest[32], byte;
static void say(const esp_partition_t *partition) {
    memset(digest, 0, 32);
    printf("%s %x ", partition->label, esp_partition_get_sha256(partition, digest));
    for (int i = 0; i < 32; i++) printf("%02x", digest[i]);
    printf("\\n");
}
void app_main(void) {
    const esp_partition_t *app = esp_ota_get_running_partition(), *next = esp_ota_get_next_update_partition(NULL);
    const esp_partition_t *data = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, NULL);
    say(app); say(data); say(next);
    printf("alike %d %d\\n", esp_partition_check_identity(app, app), esp_partition_check_identity(app, next));
    unsigned at = 4096; do esp_partition_read(app, at++, &byte, 1); while (byte == 0);
    byte = 0; esp_partition_write(app, at - 1, &byte, 1);
    say(app);
    printf("done\\n");
}
"""


def _flash() -> MemoryFlash:
    flash = MemoryFlash()
    table = partition_table.serialize(
        (
            Partition("otadata", 1, 0, 0xD000, 0x2000),
            Partition("ota_0", 0, 0x10, APP_OFFSET, 0x180000),
            Partition("ota_1", 0, 0x11, _SLOT, 0x180000),
        )
    )
    flash.data[0x8000 : 0x8000 + len(table)] = table
    return flash


def test_app_updates_the_other_slot_and_the_boot_loader_follows(run_program: RunProgram) -> None:
    flash = _flash()

    text = run_program(_PROGRAM, flash=flash).wait_for("done\r\n")

    assert "running ota_0 boot ota_0 next ota_1 of 2\r\ninto itself 1501\r\n" in text
    assert "OTA image has invalid magic byte (expected 0xE9, saw 0x68)" in text
    # Line by line: on a busy machine the task watchdog has its say in between.
    for line in ("no image 1503", "spoilt 1503 1503", "whole 0", "set 0 boot ota_1", "mapped 0"):
        assert f"{line}\r\n" in text
    assert flash.data[APP_OFFSET : APP_OFFSET + 0x180000] == flash.data[_SLOT : _SLOT + 0x180000]
    assert selected_slot(bytes(flash.data[0xD000:0xF000]), 2) == 1


def test_a_partitions_digest_is_that_behind_its_image(run_program: RunProgram) -> None:
    flash = _flash()

    text = run_program(_DIGESTS, flash=flash).wait_for("done\r\n")

    image = bytes(flash.data[APP_OFFSET : APP_OFFSET + 0x180000])
    size = app_image.parse(image).size
    stored = image[size - 32 : size]
    assert f"ota_0 0 {stored.hex()}\r\n" in text
    assert f"otadata 0 {hashlib.sha256(flash.data[0xD000:0xF000]).hexdigest()}\r\n" in text
    assert "ota_1 2002 " in text
    assert "alike 1 0\r\n" in text
    assert text.count("ota_0 2002 ") == 1  # once a byte of it is another
