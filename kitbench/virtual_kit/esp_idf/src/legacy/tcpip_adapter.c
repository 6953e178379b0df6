/* SPDX-License-Identifier: Apache-2.0 */
/* TCP/IP adapter of ESP-IDF 4: the same interfaces as ESP-NETIF's; the station's is made without being asked for. */
#include "../../include_4/tcpip_adapter.h"
#include <string.h>
#include "esp_wifi_default.h"



static esp_netif_t *interface_of(tcpip_adapter_if_t kind)
{
    static const char *const KEYS[] = {"WIFI_STA_DEF", "WIFI_AP_DEF", "ETH_DEF"};
    return kind < TCPIP_ADAPTER_IF_TEST ? esp_netif_get_handle_from_ifkey(KEYS[kind]) : NULL;
}

void tcpip_adapter_init(void)
{
    esp_netif_create_default_wifi_sta();
}

esp_err_t tcpip_adapter_get_ip_info(tcpip_adapter_if_t tcpip_if, tcpip_adapter_ip_info_t *ip_info)
{
    esp_netif_ip_info_t found;
    if (ip_info == NULL || esp_netif_get_ip_info(interface_of(tcpip_if), &found) != ESP_OK) {
        return ESP_ERR_ESP_NETIF_INVALID_PARAMS;
    }
    memcpy(ip_info, &found, sizeof(*ip_info));
    return ESP_OK;
}

bool tcpip_adapter_is_netif_up(tcpip_adapter_if_t tcpip_if)
{
    return esp_netif_is_netif_up(interface_of(tcpip_if));
}

esp_err_t tcpip_adapter_set_hostname(tcpip_adapter_if_t tcpip_if, const char *hostname)
{
    return esp_netif_set_hostname(interface_of(tcpip_if), hostname);
}

esp_err_t tcpip_adapter_get_hostname(tcpip_adapter_if_t tcpip_if, const char **hostname)
{
    return esp_netif_get_hostname(interface_of(tcpip_if), hostname);
}

esp_err_t tcpip_adapter_get_dns_info(tcpip_adapter_if_t tcpip_if, tcpip_adapter_dns_type_t type,
                                     tcpip_adapter_dns_info_t *dns)
{
    return esp_netif_get_dns_info(interface_of(tcpip_if), type, dns);
}

esp_err_t tcpip_adapter_set_dns_info(tcpip_adapter_if_t tcpip_if, tcpip_adapter_dns_type_t type,
                                     tcpip_adapter_dns_info_t *dns)
{
    return esp_netif_set_dns_info(interface_of(tcpip_if), type, dns);
}
