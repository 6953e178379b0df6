/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "esp_app_desc.h"
#include "esp_ota_ops.h"
#include "kit/host.h"

/* The image's header and the first segment's header are before the description. */
#define DESCRIPTION_OFFSET 32

const esp_app_desc_t *esp_app_get_description(void)
{
    static esp_app_desc_t s_description;
    if (s_description.magic_word == 0) {
        kit_flash_read(kit_app_offset() + DESCRIPTION_OFFSET, &s_description, sizeof(s_description));
    }
    return &s_description;
}

int esp_app_get_elf_sha256(char *dst, size_t size)
{
    const esp_app_desc_t *app = esp_app_get_description();
    size_t digits = 0;
    while (digits + 1 < size && digits < 2 * sizeof(app->app_elf_sha256)) {
        const uint8_t byte = app->app_elf_sha256[digits / 2];
        dst[digits] = "0123456789abcdef"[digits % 2 == 0 ? byte >> 4 : byte & 15];
        digits++;
    }
    if (size > 0) {
        dst[digits++] = '\0';
    }
    return (int)digits;
}

const esp_app_desc_t *esp_ota_get_app_description(void)
{
    return esp_app_get_description();
}

const esp_partition_t *esp_ota_get_running_partition(void)
{
    const uint32_t offset = (uint32_t)kit_app_offset();
    esp_partition_iterator_t it = esp_partition_find(ESP_PARTITION_TYPE_APP, ESP_PARTITION_SUBTYPE_ANY, NULL);
    const esp_partition_t *found = NULL;
    for (; it != NULL && found == NULL; it = esp_partition_next(it)) {
        if (esp_partition_get(it)->address == offset) {
            found = esp_partition_get(it);
        }
    }
    esp_partition_iterator_release(it);
    return found;
}

esp_err_t esp_ota_get_partition_description(const esp_partition_t *partition, esp_app_desc_t *app_desc)
{
    if (partition == NULL || app_desc == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    const esp_err_t rc = esp_partition_read(partition, DESCRIPTION_OFFSET, app_desc, sizeof(*app_desc));
    if (rc != ESP_OK) {
        return rc;
    }
    return app_desc->magic_word == ESP_APP_DESC_MAGIC_WORD ? ESP_OK : ESP_ERR_NOT_FOUND;
}

esp_err_t esp_ota_mark_app_valid_cancel_rollback(void)
{
    return ESP_OK;
}
