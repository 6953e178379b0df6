/* SPDX-License-Identifier: Apache-2.0 */
/* The partition table as it is in flash, from the ESP-IDF 5.1 API guides ("Partition Tables"). */
#pragma once

#include <stdint.h>
#include "esp_app_format.h"
#include "kit/config.h"

#define ESP_BOOTLOADER_OFFSET 0x1000
#define ESP_PARTITION_TABLE_OFFSET CONFIG_PARTITION_TABLE_OFFSET
#define ESP_PARTITION_MAGIC 0x50AA
#define ESP_PARTITION_MAGIC_MD5 0xEBEB
#define PART_TYPE_APP 0x00
#define PART_TYPE_DATA 0x01
#define ESP_PARTITION_TABLE_MAX_LEN 0xC00

typedef struct {
    uint32_t offset;
    uint32_t size;
} esp_partition_pos_t;

typedef struct {
    uint16_t magic;
    uint8_t type;
    uint8_t subtype;
    esp_partition_pos_t pos;
    uint8_t label[16];
    uint32_t flags;
} esp_partition_info_t;
