/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an interface asks for its address, or has one that was set. Nobody asks the server of an access point. */
#include "netif.h"

static bool is_server(const esp_netif_t *netif)
{
    return netif->mac == ESP_MAC_WIFI_SOFTAP;
}

static esp_err_t start(esp_netif_t *netif, bool server)
{
    if (netif == NULL || is_server(netif) != server) {
        return ESP_ERR_ESP_NETIF_INVALID_PARAMS;
    }
    if (netif->dhcp == ESP_NETIF_DHCP_STARTED) {
        return ESP_ERR_ESP_NETIF_DHCP_ALREADY_STARTED;
    }
    netif->dhcp = ESP_NETIF_DHCP_STARTED;
    netif->is_static = server && netif->is_static;
    return ESP_OK;
}

static esp_err_t stop(esp_netif_t *netif, bool server)
{
    if (netif == NULL || is_server(netif) != server) {
        return ESP_ERR_ESP_NETIF_INVALID_PARAMS;
    }
    if (netif->dhcp == ESP_NETIF_DHCP_STOPPED) {
        return ESP_ERR_ESP_NETIF_DHCP_ALREADY_STOPPED;
    }
    netif->dhcp = ESP_NETIF_DHCP_STOPPED;
    return ESP_OK;
}

static esp_err_t status_of(const esp_netif_t *netif, bool server, esp_netif_dhcp_status_t *status)
{
    if (netif == NULL || status == NULL || is_server(netif) != server) {
        return ESP_ERR_ESP_NETIF_INVALID_PARAMS;
    }
    *status = netif->dhcp;
    return ESP_OK;
}

esp_err_t esp_netif_set_ip_info(esp_netif_t *esp_netif, const esp_netif_ip_info_t *ip_info)
{
    if (esp_netif == NULL || ip_info == NULL) {
        return ESP_ERR_ESP_NETIF_INVALID_PARAMS;
    }
    if (esp_netif->dhcp != ESP_NETIF_DHCP_STOPPED) {
        return ESP_ERR_ESP_NETIF_DHCP_NOT_STOPPED;
    }
    esp_netif->ip = *ip_info;
    esp_netif->is_static = true;
    return ESP_OK;
}

esp_err_t esp_netif_dhcpc_start(esp_netif_t *esp_netif)
{
    return start(esp_netif, false);
}

esp_err_t esp_netif_dhcpc_stop(esp_netif_t *esp_netif)
{
    return stop(esp_netif, false);
}

esp_err_t esp_netif_dhcpc_get_status(esp_netif_t *esp_netif, esp_netif_dhcp_status_t *status)
{
    return status_of(esp_netif, false, status);
}

esp_err_t esp_netif_dhcps_start(esp_netif_t *esp_netif)
{
    return start(esp_netif, true);
}

esp_err_t esp_netif_dhcps_stop(esp_netif_t *esp_netif)
{
    return stop(esp_netif, true);
}

esp_err_t esp_netif_dhcps_get_status(esp_netif_t *esp_netif, esp_netif_dhcp_status_t *status)
{
    return status_of(esp_netif, true, status);
}
