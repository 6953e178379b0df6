/* SPDX-License-Identifier: Apache-2.0 */
/* What the drivers of Wi-Fi and Ethernet know of a network interface. */
#pragma once

#include "esp_netif.h"

struct esp_netif_obj {
    const char *key;
    const char *description;
    esp_mac_type_t mac;
    char hostname[33];
    esp_netif_ip_info_t ip;
    esp_netif_dns_info_t dns;
    bool up;
    bool is_static; /* its address was set, and is not asked for */
    esp_netif_dhcp_status_t dhcp;
};

/** Return a new interface, which has no address yet; NULL when there are too many. The texts must stay. */
esp_netif_t *kit_netif_new(const char *key, const char *description, esp_mac_type_t mac);

/** Give the interface its address and post the event `id` about it. */
void kit_netif_up(esp_netif_t *netif, const esp_netif_ip_info_t *address, esp_ip4_addr_t dns, ip_event_t id);
