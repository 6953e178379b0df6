/* SPDX-License-Identifier: Apache-2.0 */
/* What is in NVS: entries one by one, and how many there are. */
#include <stdlib.h>
#include <string.h>
#include "kit/host.h"
#include "nvs.h"

struct nvs_opaque_iterator_t {
    char label[NVS_PART_NAME_MAX_SIZE + 1];
    char name_space[NVS_NS_NAME_MAX_SIZE];
    nvs_type_t type;
    int32_t index;
    nvs_entry_info_t info;
};

_Static_assert(sizeof(nvs_entry_info_t) == 36 && sizeof(nvs_stats_t) == 16, "as the host writes them");

static esp_err_t look(nvs_iterator_t *iterator)
{
    struct nvs_opaque_iterator_t *it = *iterator;
    const esp_err_t error = kit_nvs_entry(it->label, it->name_space, it->type, it->index++, &it->info);
    if (error != ESP_OK) {
        free(it);
        *iterator = NULL;
    }
    return error;
}

esp_err_t nvs_entry_find(const char *part_name, const char *namespace_name, nvs_type_t type,
                         nvs_iterator_t *output_iterator)
{
    if (part_name == NULL || output_iterator == NULL || strlen(part_name) > NVS_PART_NAME_MAX_SIZE ||
        (namespace_name != NULL && strlen(namespace_name) >= NVS_NS_NAME_MAX_SIZE)) {
        return ESP_ERR_INVALID_ARG;
    }
    *output_iterator = calloc(1, sizeof(**output_iterator));
    if (*output_iterator == NULL) {
        return ESP_ERR_NO_MEM;
    }
    strcpy((*output_iterator)->label, part_name);
    strcpy((*output_iterator)->name_space, namespace_name != NULL ? namespace_name : "");
    (*output_iterator)->type = type;
    return look(output_iterator);
}

esp_err_t nvs_entry_next(nvs_iterator_t *iterator)
{
    return iterator == NULL || *iterator == NULL ? ESP_ERR_INVALID_ARG : look(iterator);
}

esp_err_t nvs_entry_info(const nvs_iterator_t iterator, nvs_entry_info_t *out_info)
{
    if (iterator == NULL || out_info == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *out_info = iterator->info;
    return ESP_OK;
}

void nvs_release_iterator(nvs_iterator_t iterator)
{
    free(iterator);
}

esp_err_t nvs_get_stats(const char *part_name, nvs_stats_t *nvs_stats)
{
    if (nvs_stats == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    memset(nvs_stats, 0, sizeof(*nvs_stats));
    return kit_nvs_stats(part_name != NULL ? part_name : NVS_DEFAULT_PART_NAME, nvs_stats);
}

esp_err_t nvs_get_used_entry_count(nvs_handle_t handle, size_t *used_entries)
{
    if (used_entries == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    uint32_t count = 0;
    const esp_err_t error = kit_nvs_used(handle, &count);
    *used_entries = count;
    return error;
}

/* ESP-IDF 4 returns the iterator. */
nvs_iterator_t kit_nvs_entry_find_4(const char *part_name, const char *namespace_name, nvs_type_t type)
{
    nvs_iterator_t iterator = NULL;
    nvs_entry_find(part_name, namespace_name, type, &iterator);
    return iterator;
}

nvs_iterator_t kit_nvs_entry_next_4(nvs_iterator_t iterator)
{
    nvs_entry_next(&iterator);
    return iterator;
}
