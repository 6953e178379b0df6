/* SPDX-License-Identifier: Apache-2.0 */
/* Network interfaces as far as applications look at it, from the ESP-IDF 5.1 API reference ("ESP-NETIF"). */
#pragma once

#include "esp_event.h"
#include "esp_mac.h"
#include "esp_netif_ip_addr.h"
#include "esp_netif_types.h"
#include "kit/config.h"

#define ESP_NETIF_INHERENT_DEFAULT_ETH() {.if_key = "ETH_DEF", .if_desc = "eth", .route_prio = 50}
#define ESP_NETIF_BASE_DEFAULT_ETH (&(const esp_netif_inherent_config_t)ESP_NETIF_INHERENT_DEFAULT_ETH())
#define ESP_NETIF_NETSTACK_DEFAULT_ETH NULL
#define ESP_NETIF_DEFAULT_ETH() \
    {.base = ESP_NETIF_BASE_DEFAULT_ETH, .driver = NULL, .stack = ESP_NETIF_NETSTACK_DEFAULT_ETH}

#ifdef __cplusplus
extern "C" {
#endif

esp_err_t esp_netif_init(void);
esp_err_t esp_netif_deinit(void);
void esp_netif_destroy(esp_netif_t *esp_netif);
void esp_netif_destroy_default_wifi(void *esp_netif);
esp_netif_t *esp_netif_create_default_wifi_sta(void);
esp_netif_t *esp_netif_create_default_wifi_ap(void);
esp_netif_t *esp_netif_new(const esp_netif_config_t *esp_netif_config);
esp_err_t esp_netif_attach(esp_netif_t *esp_netif, esp_netif_iodriver_handle driver_handle);
esp_netif_t *esp_netif_get_handle_from_ifkey(const char *if_key);
esp_netif_t *esp_netif_get_default_netif(void);
const char *esp_netif_get_desc(esp_netif_t *esp_netif);
const char *esp_netif_get_ifkey(esp_netif_t *esp_netif);
bool esp_netif_is_netif_up(esp_netif_t *esp_netif);
esp_err_t esp_netif_get_ip_info(esp_netif_t *esp_netif, esp_netif_ip_info_t *ip_info);
esp_err_t esp_netif_set_ip_info(esp_netif_t *esp_netif, const esp_netif_ip_info_t *ip_info);
esp_err_t esp_netif_dhcpc_start(esp_netif_t *esp_netif);
esp_err_t esp_netif_dhcpc_stop(esp_netif_t *esp_netif);
esp_err_t esp_netif_dhcpc_get_status(esp_netif_t *esp_netif, esp_netif_dhcp_status_t *status);
esp_err_t esp_netif_dhcps_start(esp_netif_t *esp_netif);
esp_err_t esp_netif_dhcps_stop(esp_netif_t *esp_netif);
esp_err_t esp_netif_dhcps_get_status(esp_netif_t *esp_netif, esp_netif_dhcp_status_t *status);
esp_err_t esp_netif_get_hostname(esp_netif_t *esp_netif, const char **hostname);
esp_err_t esp_netif_set_hostname(esp_netif_t *esp_netif, const char *hostname);
esp_err_t esp_netif_get_mac(esp_netif_t *esp_netif, uint8_t mac[]);
esp_err_t esp_netif_get_dns_info(esp_netif_t *esp_netif, esp_netif_dns_type_t type, esp_netif_dns_info_t *dns);
esp_err_t esp_netif_set_dns_info(esp_netif_t *esp_netif, esp_netif_dns_type_t type, esp_netif_dns_info_t *dns);
char *esp_ip4addr_ntoa(const esp_ip4_addr_t *addr, char *buf, int buflen);

#ifdef __cplusplus
}
#endif
