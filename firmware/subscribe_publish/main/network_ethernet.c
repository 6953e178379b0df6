/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "network.h"

#include "esp_bit_defs.h"
#include "esp_check.h"
#include "esp_eth.h"
#include "esp_event.h"
#include "esp_idf_version.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"

#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 3, 0)
#include "esp_eth_mac_openeth.h" /* a header of its own since 5.3 */
#endif

#define CONNECTED_BIT BIT0
/* QEMU's PHY answers at once; the driver's default of 4 s only delays the boot. */
#define AUTONEGOTIATION_TIMEOUT_MS 100

static const char *TAG = "network";

static EventGroupHandle_t s_events;

static void on_got_ip(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    const ip_event_got_ip_t *event = data;
    ESP_LOGI(TAG, "Connected with IP Address:" IPSTR, IP2STR(&event->ip_info.ip));
    xEventGroupSetBits(s_events, CONNECTED_BIT);
}

static esp_err_t install_driver(esp_eth_handle_t *handle)
{
    eth_mac_config_t mac_config = ETH_MAC_DEFAULT_CONFIG();
    eth_phy_config_t phy_config = ETH_PHY_DEFAULT_CONFIG();
    phy_config.autonego_timeout_ms = AUTONEGOTIATION_TIMEOUT_MS;
    esp_eth_mac_t *mac = esp_eth_mac_new_openeth(&mac_config);
    esp_eth_phy_t *phy = esp_eth_phy_new_dp83848(&phy_config);
    ESP_RETURN_ON_FALSE(mac != NULL && phy != NULL, ESP_ERR_NO_MEM, TAG, "no MAC or PHY");
    esp_eth_config_t config = ETH_DEFAULT_CONFIG(mac, phy);
    return esp_eth_driver_install(&config, handle);
}

esp_err_t network_start(void)
{
    s_events = xEventGroupCreate();
    ESP_RETURN_ON_FALSE(s_events != NULL, ESP_ERR_NO_MEM, TAG, "no memory");
    ESP_RETURN_ON_ERROR(esp_netif_init(), TAG, "cannot initialise the network interface");

    esp_netif_config_t netif_config = ESP_NETIF_DEFAULT_ETH();
    esp_netif_t *netif = esp_netif_new(&netif_config);
    esp_eth_handle_t handle = NULL;
    ESP_RETURN_ON_ERROR(install_driver(&handle), TAG, "cannot install the Ethernet driver");
    ESP_RETURN_ON_ERROR(esp_netif_attach(netif, esp_eth_new_netif_glue(handle)), TAG, "cannot attach the driver");
    ESP_RETURN_ON_ERROR(esp_event_handler_register(IP_EVENT, IP_EVENT_ETH_GOT_IP, on_got_ip, NULL), TAG, "events");
    ESP_RETURN_ON_ERROR(esp_eth_start(handle), TAG, "cannot start Ethernet");

    xEventGroupWaitBits(s_events, CONNECTED_BIT, pdFALSE, pdTRUE, portMAX_DELAY);
    return ESP_OK;
}
