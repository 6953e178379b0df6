/* SPDX-License-Identifier: Apache-2.0 */
/* Partitions, read from the table in the kit's own flash. */
#include <stdlib.h>
#include <string.h>
#include "esp_partition.h"
#include "kit/config.h"
#include "kit/host.h"
#include "stacks.h"

#define TABLE_SIZE 0xc00
#define ENTRY_MAGIC 0x50aa
#define SECTOR 4096

struct entry {
    uint16_t magic;
    uint8_t type;
    uint8_t subtype;
    uint32_t offset;
    uint32_t size;
    char label[16];
    uint32_t flags;
};

struct node {
    esp_partition_t partition;
    struct node *next;
};

struct kit_partition_iterator {
    const struct node *node;
    esp_partition_type_t type;
    esp_partition_subtype_t subtype;
    char label[17];
    bool has_label;
};

static struct node *s_partitions;
static bool s_loaded;

static void load(void)
{
    struct entry entry;
    struct node **tail = &s_partitions;
    s_loaded = true;
    for (uint32_t at = 0; at < TABLE_SIZE; at += sizeof(entry)) {
        if (kit_flash_read((int32_t)(CONFIG_PARTITION_TABLE_OFFSET + at), &entry, sizeof(entry)) != ESP_OK ||
            entry.magic != ENTRY_MAGIC) {
            return;
        }
        struct node *node = calloc(1, sizeof(*node));
        if (node == NULL) {
            return;
        }
        node->partition = (esp_partition_t){
            .type = entry.type,
            .subtype = entry.subtype,
            .address = entry.offset,
            .size = entry.size,
            .erase_size = SECTOR,
            .encrypted = entry.flags & 1,
            .readonly = (entry.flags >> 1) & 1,
        };
        memcpy(node->partition.label, entry.label, sizeof(entry.label));
        *tail = node;
        tail = &node->next;
    }
}

static bool matches(const struct kit_partition_iterator *it, const esp_partition_t *partition)
{
    return (it->type == ESP_PARTITION_TYPE_ANY || it->type == partition->type) &&
           (it->subtype == ESP_PARTITION_SUBTYPE_ANY || it->subtype == partition->subtype) &&
           (!it->has_label || strcmp(it->label, partition->label) == 0);
}

static esp_partition_iterator_t seek(esp_partition_iterator_t it)
{
    while (it->node != NULL && !matches(it, &it->node->partition)) {
        it->node = it->node->next;
    }
    if (it->node == NULL) {
        free(it);
        return NULL;
    }
    return it;
}

esp_partition_iterator_t esp_partition_find(esp_partition_type_t type, esp_partition_subtype_t subtype,
                                            const char *label)
{
    if (!s_loaded) {
        load();
    }
    esp_partition_iterator_t it = calloc(1, sizeof(*it));
    if (it == NULL) {
        return NULL;
    }
    it->type = type;
    it->subtype = subtype;
    it->node = s_partitions;
    if (label != NULL) {
        it->has_label = true;
        strncpy(it->label, label, sizeof(it->label) - 1);
    }
    return seek(it);
}

const esp_partition_t *esp_partition_get(esp_partition_iterator_t iterator)
{
    return &iterator->node->partition;
}

esp_partition_iterator_t esp_partition_next(esp_partition_iterator_t iterator)
{
    iterator->node = iterator->node->next;
    return seek(iterator);
}

void esp_partition_iterator_release(esp_partition_iterator_t iterator)
{
    free(iterator);
}

const esp_partition_t *esp_partition_find_first(esp_partition_type_t type, esp_partition_subtype_t subtype,
                                                const char *label)
{
    esp_partition_iterator_t it = esp_partition_find(type, subtype, label);
    if (it == NULL) {
        return NULL;
    }
    const esp_partition_t *partition = esp_partition_get(it);
    esp_partition_iterator_release(it);
    return partition;
}

const esp_partition_t *esp_partition_verify(const esp_partition_t *partition)
{
    return partition == NULL ? NULL
                             : esp_partition_find_first(partition->type, partition->subtype, partition->label);
}

static esp_err_t check(const esp_partition_t *partition, size_t offset, size_t size)
{
    if (partition == NULL || offset > partition->size) {
        return ESP_ERR_INVALID_ARG;
    }
    return size > partition->size - offset ? ESP_ERR_INVALID_SIZE : ESP_OK;
}

esp_err_t esp_partition_read(const esp_partition_t *partition, size_t src_offset, void *dst, size_t size)
{
    const esp_err_t rc = check(partition, src_offset, size);
    return rc != ESP_OK ? rc : kit_flash_read((int32_t)(partition->address + src_offset), dst, (int32_t)size);
}

esp_err_t esp_partition_write(const esp_partition_t *partition, size_t dst_offset, const void *src, size_t size)
{
    const esp_err_t rc = check(partition, dst_offset, size);
    if (rc != ESP_OK) {
        return rc;
    }
    if (partition->readonly) {
        return ESP_ERR_NOT_ALLOWED;
    }
    return kit_flash_write((int32_t)(partition->address + dst_offset), src, (int32_t)size);
}

esp_err_t esp_partition_read_raw(const esp_partition_t *partition, size_t src_offset, void *dst, size_t size)
{
    return esp_partition_read(partition, src_offset, dst, size);
}

esp_err_t esp_partition_write_raw(const esp_partition_t *partition, size_t dst_offset, const void *src, size_t size)
{
    return esp_partition_write(partition, dst_offset, src, size);
}

esp_err_t esp_partition_erase_range(const esp_partition_t *partition, size_t offset, size_t size)
{
    const esp_err_t rc = check(partition, offset, size);
    if (rc != ESP_OK) {
        return rc;
    }
    if (partition->readonly) {
        return ESP_ERR_NOT_ALLOWED;
    }
    if (offset % SECTOR != 0) {
        return ESP_ERR_INVALID_ARG;
    }
    if (size % SECTOR != 0) {
        return ESP_ERR_INVALID_SIZE;
    }
    return kit_flash_erase((int32_t)(partition->address + offset), (int32_t)size);
}

/* A copy beside the heap, as the chip maps flash beside its memory: what is written later does not show. */
esp_err_t esp_partition_mmap(const esp_partition_t *partition, size_t offset, size_t size,
                             esp_partition_mmap_memory_t memory, const void **out_ptr,
                             esp_partition_mmap_handle_t *out_handle)
{
    const esp_err_t rc = check(partition, offset, size);
    if (rc != ESP_OK) {
        return rc;
    }
    uint8_t *copy = memory == ESP_PARTITION_MMAP_DATA ? kit_stack_take((uint32_t)size) : NULL;
    if (copy == NULL) {
        return ESP_ERR_NO_MEM;
    }
    *out_ptr = copy;
    *out_handle = (esp_partition_mmap_handle_t)(uintptr_t)copy;
    return esp_partition_read(partition, offset, copy, size);
}

void esp_partition_munmap(esp_partition_mmap_handle_t handle)
{
    kit_stack_give_back((uint8_t *)(uintptr_t)handle);
}
