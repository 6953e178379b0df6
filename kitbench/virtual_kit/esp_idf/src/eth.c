/* SPDX-License-Identifier: Apache-2.0 */
/* OpenCores Ethernet of Espressif's QEMU: the addresses are those of QEMU's user-mode network, and behind it is what
 * the kit's access point leads to; without one the cable is out. */
#include "esp_eth.h"
#include <stdlib.h>
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/timers.h"
#include "kit/host.h"
#include "netif.h"

ESP_EVENT_DEFINE_BASE(ETH_EVENT);

/* The driver looks for a link at its start, and DHCP takes about this long; the clock factor shortens it. */
#define LINK_MS 300

struct esp_eth_mac_s {
    eth_mac_config_t config;
};

struct esp_eth_phy_s {
    eth_phy_config_t config;
};

struct esp_eth_netif_glue_t {
    struct driver *driver;
};

struct driver {
    esp_eth_config_t config;
    esp_netif_t *netif;
    TimerHandle_t link_timer;
    bool started;
};

static const char *const TAG = "esp_eth";

esp_eth_mac_t *esp_eth_mac_new_openeth(const eth_mac_config_t *config)
{
    esp_eth_mac_t *mac = config != NULL ? calloc(1, sizeof(*mac)) : NULL;
    if (mac != NULL) {
        mac->config = *config;
    }
    return mac;
}

esp_eth_phy_t *esp_eth_phy_new_dp83848(const eth_phy_config_t *config)
{
    esp_eth_phy_t *phy = config != NULL ? calloc(1, sizeof(*phy)) : NULL;
    if (phy != NULL) {
        phy->config = *config;
    }
    return phy;
}

static void link_up(TimerHandle_t timer)
{
    struct driver *driver = pvTimerGetTimerID(timer);
    if (!driver->started || kit_access_points() == 0) {
        return;
    }
    esp_eth_handle_t handle = driver;
    esp_event_post(ETH_EVENT, ETHERNET_EVENT_CONNECTED, &handle, sizeof(handle), portMAX_DELAY);
    const esp_netif_ip_info_t address = {
        .ip.addr = ESP_IP4TOADDR(10, 0, 2, 15),
        .netmask.addr = ESP_IP4TOADDR(255, 255, 255, 0),
        .gw.addr = ESP_IP4TOADDR(10, 0, 2, 2),
    };
    const esp_ip4_addr_t dns = {.addr = ESP_IP4TOADDR(10, 0, 2, 3)};
    if (driver->netif != NULL) {
        kit_netif_up(driver->netif, &address, dns, IP_EVENT_ETH_GOT_IP);
    }
}

esp_err_t esp_eth_driver_install(const esp_eth_config_t *config, esp_eth_handle_t *out_hdl)
{
    if (config == NULL || out_hdl == NULL || config->mac == NULL || config->phy == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    struct driver *driver = calloc(1, sizeof(*driver));
    if (driver == NULL) {
        return ESP_ERR_NO_MEM;
    }
    driver->config = *config;
    driver->link_timer = xTimerCreate("eth link", pdMS_TO_TICKS(LINK_MS), pdFALSE, driver, link_up);
    if (driver->link_timer == NULL) {
        free(driver);
        return ESP_ERR_NO_MEM;
    }
    *out_hdl = driver;
    return ESP_OK;
}

esp_eth_netif_glue_handle_t esp_eth_new_netif_glue(esp_eth_handle_t eth_hdl)
{
    esp_eth_netif_glue_handle_t glue = eth_hdl != NULL ? calloc(1, sizeof(*glue)) : NULL;
    if (glue != NULL) {
        glue->driver = eth_hdl;
    }
    return glue;
}

esp_err_t esp_netif_attach(esp_netif_t *esp_netif, esp_netif_iodriver_handle driver_handle)
{
    if (esp_netif == NULL || driver_handle == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    esp_eth_netif_glue_handle_t glue = driver_handle;
    glue->driver->netif = esp_netif;
    uint8_t mac[6];
    esp_read_mac(mac, ESP_MAC_ETH);
    ESP_LOGI("esp_eth.netif.netif_glue", MACSTR, MAC2STR(mac));
    ESP_LOGI("esp_eth.netif.netif_glue", "ethernet attached to netif");
    return ESP_OK;
}

esp_err_t esp_eth_start(esp_eth_handle_t hdl)
{
    struct driver *driver = hdl;
    if (driver == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (driver->started) {
        ESP_LOGE(TAG, "driver started already");
        return ESP_ERR_INVALID_STATE;
    }
    driver->started = true;
    esp_event_post(ETH_EVENT, ETHERNET_EVENT_START, &hdl, sizeof(hdl), portMAX_DELAY);
    xTimerStart(driver->link_timer, portMAX_DELAY);
    return ESP_OK;
}

esp_err_t esp_eth_stop(esp_eth_handle_t hdl)
{
    struct driver *driver = hdl;
    if (driver == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (!driver->started) {
        return ESP_ERR_INVALID_STATE;
    }
    driver->started = false;
    if (driver->netif != NULL) {
        driver->netif->up = false;
    }
    esp_event_post(ETH_EVENT, ETHERNET_EVENT_STOP, &hdl, sizeof(hdl), portMAX_DELAY);
    return ESP_OK;
}
