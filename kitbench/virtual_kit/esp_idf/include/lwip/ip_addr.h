/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "esp_netif_ip_addr.h"
#include "lwip/inet.h"

typedef esp_ip4_addr_t ip4_addr_t;
typedef esp_ip6_addr_t ip6_addr_t;
typedef esp_ip_addr_t ip_addr_t;

#define IPADDR_TYPE_V4 ESP_IPADDR_TYPE_V4
#define IPADDR_TYPE_V6 ESP_IPADDR_TYPE_V6
#define IPADDR_NONE ((uint32_t)0xffffffffUL)
#define IPADDR_ANY ((uint32_t)0x00000000UL)
/* "255.255.255.255" and its NUL. */
#define IP4ADDR_STRLEN_MAX 16
#define ip_2_ip4(address) (&((address)->u_addr.ip4))
#define ip4_addr_get_u32(address) ((address)->addr)
#define ip4_addr_isany(address) ((address) == 0 || (address)->addr == IPADDR_ANY)
#define ip4_addr1(address) esp_ip4_addr1_16(address)
#define ip4_addr2(address) esp_ip4_addr2_16(address)
#define ip4_addr3(address) esp_ip4_addr3_16(address)
#define ip4_addr4(address) esp_ip4_addr4_16(address)
#define ip4addr_aton(text, address) kit_inet_aton(text, (struct in_addr *)(address))
#define ip4addr_ntoa(address) kit_inet_ntoa(*(const struct in_addr *)(address))
#define ipaddr_ntoa(address) ip4addr_ntoa(ip_2_ip4(address))
