/* SPDX-License-Identifier: Apache-2.0 */
/* The flash chip as esp_flash shows it: as large as the image header says, however large it is. */
#include <inttypes.h>
#include <stdlib.h>
#include "esp_flash.h"
#include "esp_log.h"
#include "kit/host.h"
#include "spi_flash.h"

#define BOOTLOADER 0x1000

static const char *const TAG = "spi_flash";
static uint32_t s_size;

esp_flash_t *esp_flash_default_chip;

/* Mode and size stand in the header of the second-stage boot loader, where esptool puts them. */
void kit_spi_flash_init(void)
{
    static const char *const modes[] = {"qio", "qout", "dio", "dout"};
    uint8_t header[4];
    const uint32_t found = (uint32_t)kit_flash_size();
    s_size = found;
    ESP_LOGI(TAG, "detected chip: gd");
    if (kit_flash_read(BOOTLOADER, header, sizeof(header)) != ESP_OK || header[0] != 0xe9) {
        return;
    }
    ESP_LOGI(TAG, "flash io: %s", modes[header[2] & 3]);
    const uint32_t said = 0x100000u << (header[3] >> 4 & 7);
    if (said > found) {
        ESP_LOGE(TAG, "Detected size(%" PRIu32 "k) smaller than the size in the binary image header(%" PRIu32
                 "k). Probe failed.", found / 1024, said / 1024);
        abort();
    }
    if (said < found) {
        ESP_LOGW(TAG, "Detected size(%" PRIu32 "k) larger than the size in the binary image header(%" PRIu32
                 "k). Using the size in the binary image header.", found / 1024, said / 1024);
        s_size = said;
    }
}

esp_err_t esp_flash_get_size(esp_flash_t *chip, uint32_t *out_size)
{
    (void)chip;
    if (out_size == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *out_size = s_size;
    return ESP_OK;
}

esp_err_t esp_flash_get_physical_size(esp_flash_t *chip, uint32_t *flash_size)
{
    (void)chip;
    *flash_size = (uint32_t)kit_flash_size();
    return ESP_OK;
}

esp_err_t esp_flash_read(esp_flash_t *chip, void *buffer, uint32_t address, uint32_t length)
{
    (void)chip;
    return kit_flash_read((int32_t)address, buffer, (int32_t)length);
}

esp_err_t esp_flash_write(esp_flash_t *chip, const void *buffer, uint32_t address, uint32_t length)
{
    (void)chip;
    return kit_flash_write((int32_t)address, buffer, (int32_t)length);
}

esp_err_t esp_flash_erase_region(esp_flash_t *chip, uint32_t start, uint32_t length)
{
    (void)chip;
    return kit_flash_erase((int32_t)start, (int32_t)length);
}
