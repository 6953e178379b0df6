/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "device_certificate.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "esp_partition.h"
#include "esp_rom_crc.h"

#define PARTITION_LABEL "devcert"
#define PARTITION_SUBTYPE ((esp_partition_subtype_t)0x40)

static const char s_magic[4] = { 'D', 'C', 'R', 'T' };

typedef struct {
    char magic[sizeof(s_magic)];
    uint32_t length;
    uint32_t crc;
} header_t;

static char *read_pem(const esp_partition_t *partition, const header_t *header)
{
    char *pem = malloc(header->length + 1);
    if (pem == NULL) {
        return NULL;
    }
    esp_err_t err = esp_partition_read(partition, sizeof(*header), pem, header->length);
    if (err != ESP_OK || esp_rom_crc32_le(0, (const uint8_t *)pem, header->length) != header->crc) {
        free(pem);
        return NULL;
    }
    pem[header->length] = '\0';
    return pem;
}

const char *device_certificate_read(void)
{
    const esp_partition_t *partition
        = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, PARTITION_SUBTYPE, PARTITION_LABEL);
    header_t header;
    if (partition == NULL || esp_partition_read(partition, 0, &header, sizeof(header)) != ESP_OK) {
        return NULL;
    }
    if (memcmp(header.magic, s_magic, sizeof(s_magic)) != 0) {
        return NULL;
    }
    if (header.length == 0 || header.length > partition->size - sizeof(header)) {
        return NULL;
    }
    return read_pem(partition, &header);
}
