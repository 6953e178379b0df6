/* SPDX-License-Identifier: Apache-2.0 */
/* Network interfaces as far as applications look at them: name, address, state. */
#include "netif.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "esp_log.h"
#include "freertos/FreeRTOS.h"

ESP_EVENT_DEFINE_BASE(IP_EVENT);

#define INTERFACES 4

static esp_netif_t *s_interfaces[INTERFACES];

esp_netif_t *kit_netif_new(const char *key, const char *description, esp_mac_type_t mac)
{
    for (int i = 0; i < INTERFACES; i++) {
        if (s_interfaces[i] == NULL) {
            s_interfaces[i] = calloc(1, sizeof(*s_interfaces[i]));
            if (s_interfaces[i] != NULL) {
                *s_interfaces[i] = (struct esp_netif_obj){.key = key, .description = description, .mac = mac};
                strcpy(s_interfaces[i]->hostname, "espressif");
            }
            return s_interfaces[i];
        }
    }
    return NULL;
}

void kit_netif_up(esp_netif_t *netif, const esp_netif_ip_info_t *address, esp_ip4_addr_t dns, ip_event_t id)
{
    ip_event_got_ip_t event = {.esp_netif = netif, .ip_info = *address, .ip_changed = true};
    if (netif->is_static) {
        event.ip_info = netif->ip;
    }
    netif->ip = event.ip_info;
    netif->dns.ip.u_addr.ip4 = dns;
    netif->up = true;
    ESP_LOGI("esp_netif_handlers", "%s ip: " IPSTR ", mask: " IPSTR ", gw: " IPSTR, netif->description,
             IP2STR(&netif->ip.ip), IP2STR(&netif->ip.netmask), IP2STR(&netif->ip.gw));
    esp_event_post(IP_EVENT, id, &event, sizeof(event), portMAX_DELAY);
}

esp_netif_t *esp_netif_new(const esp_netif_config_t *esp_netif_config)
{
    if (esp_netif_config == NULL || esp_netif_config->base == NULL) {
        return NULL;
    }
    const esp_netif_inherent_config_t *base = esp_netif_config->base;
    return kit_netif_new(base->if_key, base->if_desc, ESP_MAC_ETH);
}

esp_err_t esp_netif_init(void)
{
    return ESP_OK;
}

esp_err_t esp_netif_deinit(void)
{
    return ESP_ERR_NOT_SUPPORTED; /* as in ESP-IDF */
}

void esp_netif_destroy(esp_netif_t *esp_netif)
{
    for (int i = 0; i < INTERFACES; i++) {
        if (esp_netif != NULL && s_interfaces[i] == esp_netif) {
            s_interfaces[i] = NULL;
            free(esp_netif);
        }
    }
}

esp_netif_t *esp_netif_get_handle_from_ifkey(const char *if_key)
{
    for (int i = 0; i < INTERFACES; i++) {
        if (s_interfaces[i] != NULL && strcmp(s_interfaces[i]->key, if_key) == 0) {
            return s_interfaces[i];
        }
    }
    return NULL;
}

esp_netif_t *esp_netif_get_default_netif(void)
{
    esp_netif_t *first = NULL;
    for (int i = 0; i < INTERFACES; i++) {
        if (s_interfaces[i] != NULL && (first == NULL || (s_interfaces[i]->up && !first->up))) {
            first = s_interfaces[i];
        }
    }
    return first;
}

const char *esp_netif_get_desc(esp_netif_t *esp_netif)
{
    return esp_netif != NULL ? esp_netif->description : NULL;
}

const char *esp_netif_get_ifkey(esp_netif_t *esp_netif)
{
    return esp_netif != NULL ? esp_netif->key : NULL;
}

bool esp_netif_is_netif_up(esp_netif_t *esp_netif)
{
    return esp_netif != NULL && esp_netif->up;
}

esp_err_t esp_netif_get_ip_info(esp_netif_t *esp_netif, esp_netif_ip_info_t *ip_info)
{
    if (esp_netif == NULL || ip_info == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *ip_info = esp_netif->ip;
    return ESP_OK;
}

esp_err_t esp_netif_get_hostname(esp_netif_t *esp_netif, const char **hostname)
{
    if (esp_netif == NULL || hostname == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *hostname = esp_netif->hostname;
    return ESP_OK;
}

esp_err_t esp_netif_set_hostname(esp_netif_t *esp_netif, const char *hostname)
{
    if (esp_netif == NULL || hostname == NULL || strlen(hostname) >= sizeof(esp_netif->hostname)) {
        return ESP_ERR_INVALID_ARG;
    }
    strcpy(esp_netif->hostname, hostname);
    return ESP_OK;
}

esp_err_t esp_netif_get_mac(esp_netif_t *esp_netif, uint8_t mac[])
{
    return esp_netif == NULL ? ESP_ERR_INVALID_ARG : esp_read_mac(mac, esp_netif->mac);
}

esp_err_t esp_netif_get_dns_info(esp_netif_t *esp_netif, esp_netif_dns_type_t type, esp_netif_dns_info_t *dns)
{
    (void)type;
    if (esp_netif == NULL || dns == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *dns = esp_netif->dns;
    return ESP_OK;
}

esp_err_t esp_netif_set_dns_info(esp_netif_t *esp_netif, esp_netif_dns_type_t type, esp_netif_dns_info_t *dns)
{
    (void)type;
    if (esp_netif == NULL || dns == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    esp_netif->dns = *dns;
    return ESP_OK;
}

char *esp_ip4addr_ntoa(const esp_ip4_addr_t *addr, char *buf, int buflen)
{
    snprintf(buf, (size_t)buflen, IPSTR, IP2STR(addr));
    return buf;
}
