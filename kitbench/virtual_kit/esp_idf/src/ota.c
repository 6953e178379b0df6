/* SPDX-License-Identifier: Apache-2.0 */
/* Updates over the air: an image written into the other slot, checked, and chosen in the OTA data. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "esp_log.h"
#include "esp_ota_ops.h"
#include "esp_rom_crc.h"

#define IMAGE_MAGIC 0xe9
#define HEADER_SIZE 24
#define SEGMENTS_MOST 16
#define CHECKSUM_SEED 0xef
#define SECTOR 4096
#define STATE_UNDEFINED 0xffffffffu

struct update {
    uint32_t handle;
    const esp_partition_t *partition;
    size_t written;
    size_t erased;
    struct update *next;
};

/* An entry of the OTA data: esp_ota_select_entry_t. */
struct choice {
    uint32_t sequence;
    uint8_t label[20];
    uint32_t state;
    uint32_t crc;
};

static const char *const TAG = "esp_ota_ops";
static struct update *s_updates;
static uint32_t s_last_handle;

static bool is_slot(const esp_partition_t *partition)
{
    return partition->type == ESP_PARTITION_TYPE_APP && partition->subtype >= ESP_PARTITION_SUBTYPE_APP_OTA_MIN &&
           partition->subtype < ESP_PARTITION_SUBTYPE_APP_OTA_MAX;
}

static const esp_partition_t *slot(int number)
{
    return esp_partition_find_first(ESP_PARTITION_TYPE_APP,
                                    (esp_partition_subtype_t)(ESP_PARTITION_SUBTYPE_APP_OTA_MIN + number), NULL);
}

uint8_t esp_ota_get_app_partition_count(void)
{
    uint8_t count = 0;
    while (count < 16 && slot(count) != NULL) {
        count++;
    }
    return count;
}

const esp_partition_t *esp_ota_get_next_update_partition(const esp_partition_t *start_from)
{
    const esp_partition_t *from = start_from != NULL ? esp_partition_verify(start_from) : esp_ota_get_running_partition();
    const int count = esp_ota_get_app_partition_count();
    if (from == NULL || count == 0) {
        return NULL;
    }
    const int number = is_slot(from) ? from->subtype - ESP_PARTITION_SUBTYPE_APP_OTA_MIN : -1;
    return slot((number + 1) % count);
}

esp_err_t esp_ota_begin(const esp_partition_t *partition, size_t image_size, esp_ota_handle_t *out_handle)
{
    const esp_partition_t *known = partition != NULL ? esp_partition_verify(partition) : NULL;
    if (partition == NULL || out_handle == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (known == NULL) {
        return ESP_ERR_NOT_FOUND;
    }
    if (!is_slot(known)) {
        return ESP_ERR_INVALID_ARG;
    }
    if (known == esp_ota_get_running_partition()) {
        return ESP_ERR_OTA_PARTITION_CONFLICT;
    }
    struct update *update = calloc(1, sizeof(*update));
    if (update == NULL) {
        return ESP_ERR_NO_MEM;
    }
    *update = (struct update){.handle = ++s_last_handle, .partition = known, .next = s_updates};
    if (image_size != OTA_WITH_SEQUENTIAL_WRITES) {
        const bool whole = image_size == 0 || image_size == OTA_SIZE_UNKNOWN;
        update->erased = whole ? known->size : (image_size + SECTOR - 1) / SECTOR * SECTOR;
        const esp_err_t error = esp_partition_erase_range(known, 0, update->erased);
        if (error != ESP_OK) {
            free(update);
            return error;
        }
    }
    s_updates = update;
    *out_handle = update->handle;
    return ESP_OK;
}

static struct update *find(esp_ota_handle_t handle)
{
    struct update *update = s_updates;
    while (update != NULL && update->handle != handle) {
        update = update->next;
    }
    return update;
}

esp_err_t esp_ota_write(esp_ota_handle_t handle, const void *data, size_t size)
{
    struct update *update = find(handle);
    if (data == NULL || update == NULL) {
        ESP_LOGE(TAG, "%s", data == NULL ? "write data is invalid" : "not found the handle");
        return ESP_ERR_INVALID_ARG;
    }
    if (update->written == 0 && size > 0 && *(const uint8_t *)data != IMAGE_MAGIC) {
        ESP_LOGE(TAG, "OTA image has invalid magic byte (expected 0xE9, saw 0x%02x)", *(const uint8_t *)data);
        return ESP_ERR_OTA_VALIDATE_FAILED;
    }
    while (update->erased < update->written + size) {
        const esp_err_t error = esp_partition_erase_range(update->partition, update->erased, SECTOR);
        if (error != ESP_OK) {
            return error;
        }
        update->erased += SECTOR;
    }
    const esp_err_t error = esp_partition_write(update->partition, update->written, data, size);
    update->written += error == ESP_OK ? size : 0;
    return error;
}

esp_err_t esp_ota_abort(esp_ota_handle_t handle)
{
    for (struct update **link = &s_updates; *link != NULL; link = &(*link)->next) {
        struct update *update = *link;
        if (update->handle == handle) {
            *link = update->next;
            free(update);
            return ESP_OK;
        }
    }
    return ESP_ERR_NOT_FOUND;
}

/* Magic byte, segments and checksum; the boot loader looks at the digest, too. */
static bool is_image(const esp_partition_t *partition)
{
    uint8_t header[HEADER_SIZE];
    uint8_t piece[256];
    uint8_t checksum = CHECKSUM_SEED;
    if (esp_partition_read(partition, 0, header, sizeof(header)) != ESP_OK || header[0] != IMAGE_MAGIC ||
        header[1] == 0 || header[1] > SEGMENTS_MOST) {
        return false;
    }
    size_t at = HEADER_SIZE;
    for (int i = 0; i < header[1]; i++) {
        uint32_t segment[2];
        if (esp_partition_read(partition, at, segment, sizeof(segment)) != ESP_OK || segment[1] > partition->size) {
            return false;
        }
        at += sizeof(segment);
        for (size_t left = segment[1]; left > 0;) {
            const size_t size = left < sizeof(piece) ? left : sizeof(piece);
            if (esp_partition_read(partition, at, piece, size) != ESP_OK) {
                return false;
            }
            for (size_t j = 0; j < size; j++) {
                checksum ^= piece[j];
            }
            at += size;
            left -= size;
        }
    }
    uint8_t stored;
    return esp_partition_read(partition, at | 15, &stored, 1) == ESP_OK && stored == checksum;
}

esp_err_t esp_ota_end(esp_ota_handle_t handle)
{
    const struct update *update = find(handle);
    if (update == NULL) {
        return ESP_ERR_NOT_FOUND;
    }
    if (update->written == 0) {
        esp_ota_abort(handle);
        return ESP_ERR_INVALID_ARG;
    }
    const bool good = is_image(update->partition);
    esp_ota_abort(handle);
    return good ? ESP_OK : ESP_ERR_OTA_VALIDATE_FAILED;
}

static uint32_t sequence_of(const esp_partition_t *data, int copy)
{
    struct choice choice;
    if (esp_partition_read(data, (size_t)copy * SECTOR, &choice, sizeof(choice)) != ESP_OK ||
        choice.sequence == UINT32_MAX ||
        choice.crc != esp_rom_crc32_le(UINT32_MAX, (const uint8_t *)&choice.sequence, sizeof(choice.sequence))) {
        return 0;
    }
    return choice.sequence;
}

static const esp_partition_t *ota_data(void)
{
    return esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_OTA, NULL);
}

static esp_err_t choose(const esp_partition_t *data, uint32_t number)
{
    const uint32_t count = esp_ota_get_app_partition_count();
    const uint32_t first = sequence_of(data, 0);
    const uint32_t second = sequence_of(data, 1);
    uint32_t sequence = (first > second ? first : second) + 1;
    while ((sequence - 1) % count != number) {
        sequence++;
    }
    struct choice choice = {.sequence = sequence, .state = STATE_UNDEFINED};
    memset(choice.label, 0xff, sizeof(choice.label));
    choice.crc = esp_rom_crc32_le(UINT32_MAX, (const uint8_t *)&sequence, sizeof(sequence));
    const size_t copy = first > second ? SECTOR : 0; /* the older one goes */
    const esp_err_t error = esp_partition_erase_range(data, copy, SECTOR);
    return error != ESP_OK ? error : esp_partition_write(data, copy, &choice, sizeof(choice));
}

esp_err_t esp_ota_set_boot_partition(const esp_partition_t *partition)
{
    if (partition == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (!is_image(partition)) {
        return ESP_ERR_OTA_VALIDATE_FAILED;
    }
    const esp_partition_t *data = ota_data();
    if (data == NULL) {
        return ESP_ERR_NOT_FOUND;
    }
    if (is_slot(partition)) {
        return choose(data, partition->subtype - ESP_PARTITION_SUBTYPE_APP_OTA_MIN);
    }
    return partition->subtype == ESP_PARTITION_SUBTYPE_APP_FACTORY ? esp_partition_erase_range(data, 0, data->size)
                                                                   : ESP_ERR_INVALID_ARG;
}

const esp_partition_t *esp_ota_get_boot_partition(void)
{
    const esp_partition_t *data = ota_data();
    const uint32_t count = esp_ota_get_app_partition_count();
    if (data == NULL || count == 0) {
        return esp_ota_get_running_partition();
    }
    const uint32_t first = sequence_of(data, 0);
    const uint32_t second = sequence_of(data, 1);
    const uint32_t sequence = first > second ? first : second;
    const esp_partition_t *factory =
        esp_partition_find_first(ESP_PARTITION_TYPE_APP, ESP_PARTITION_SUBTYPE_APP_FACTORY, NULL);
    return sequence > 0 ? slot((int)((sequence - 1) % count)) : factory != NULL ? factory : slot(0);
}

const esp_partition_t *esp_ota_get_last_invalid_partition(void)
{
    return NULL;
}
