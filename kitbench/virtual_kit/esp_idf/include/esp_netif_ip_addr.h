/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

typedef struct esp_ip4_addr {
    uint32_t addr;
} esp_ip4_addr_t;

typedef struct esp_ip6_addr {
    uint32_t addr[4];
    uint8_t zone;
} esp_ip6_addr_t;

typedef struct _ip_addr {
    union {
        esp_ip6_addr_t ip6;
        esp_ip4_addr_t ip4;
    } u_addr;
    uint8_t type;
} esp_ip_addr_t;

#define ESP_IPADDR_TYPE_V4 0U
#define ESP_IPADDR_TYPE_V6 6U

#define esp_ip4_addr_get_byte(address, index) (((const uint8_t *)(&(address)->addr))[index])
#define esp_ip4_addr1_16(address) ((uint16_t)esp_ip4_addr_get_byte(address, 0))
#define esp_ip4_addr2_16(address) ((uint16_t)esp_ip4_addr_get_byte(address, 1))
#define esp_ip4_addr3_16(address) ((uint16_t)esp_ip4_addr_get_byte(address, 2))
#define esp_ip4_addr4_16(address) ((uint16_t)esp_ip4_addr_get_byte(address, 3))
#define IP2STR(address) \
    esp_ip4_addr1_16(address), esp_ip4_addr2_16(address), esp_ip4_addr3_16(address), esp_ip4_addr4_16(address)
#define IPSTR "%d.%d.%d.%d"
#define ESP_IP4TOADDR(a, b, c, d) \
    ((uint32_t)(a) | ((uint32_t)(b) << 8) | ((uint32_t)(c) << 16) | ((uint32_t)(d) << 24))
