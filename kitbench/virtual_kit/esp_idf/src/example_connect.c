/* SPDX-License-Identifier: Apache-2.0 */
/* The connection helper of ESP-IDF's examples, on the Wi-Fi station. */
#include <string.h>
#include "esp_log.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "protocol_examples_common.h"

/* The build defines them from the project's configuration, apart from this file: objects of shims are kept, and a
 * password is not. */
extern const char kit_example_wifi_ssid[];
extern const char kit_example_wifi_password[];

static const char *const TAG = "example_connect";
static esp_netif_t *s_netif;
static SemaphoreHandle_t s_got_address;

static void on_address(void *argument, esp_event_base_t base, int32_t id, void *data)
{
    (void)argument, (void)base, (void)id;
    const ip_event_got_ip_t *event = data;
    ESP_LOGI(TAG, "Got IPv4 event: Interface \"example_netif_sta\" address: " IPSTR, IP2STR(&event->ip_info.ip));
    xSemaphoreGive(s_got_address);
}

static void on_disconnected(void *argument, esp_event_base_t base, int32_t id, void *data)
{
    (void)argument, (void)base, (void)id, (void)data;
    ESP_LOGI(TAG, "Wi-Fi disconnected, trying to reconnect...");
    esp_wifi_connect();
}

esp_err_t example_connect(void)
{
    const wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    wifi_config_t config = {0};
    memcpy(config.sta.ssid, kit_example_wifi_ssid, strnlen(kit_example_wifi_ssid, sizeof(config.sta.ssid)));
    memcpy(config.sta.password, kit_example_wifi_password, strnlen(kit_example_wifi_password, sizeof(config.sta.password)));
    ESP_LOGI(TAG, "Start example_connect.");
    s_got_address = xSemaphoreCreateBinary();
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    s_netif = esp_netif_create_default_wifi_sta();
    ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
    ESP_ERROR_CHECK(esp_event_handler_register(IP_EVENT, IP_EVENT_STA_GOT_IP, on_address, NULL));
    ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, on_disconnected, NULL));
    ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &config));
    ESP_ERROR_CHECK(esp_wifi_start());
    ESP_LOGI(TAG, "Connecting to %s...", kit_example_wifi_ssid);
    ESP_ERROR_CHECK(esp_wifi_connect());
    ESP_LOGI(TAG, "Waiting for IP(s)");
    xSemaphoreTake(s_got_address, portMAX_DELAY);
    return ESP_OK;
}

esp_err_t example_disconnect(void)
{
    esp_event_handler_unregister(WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, on_disconnected);
    esp_event_handler_unregister(IP_EVENT, IP_EVENT_STA_GOT_IP, on_address);
    return esp_wifi_stop();
}

esp_netif_t *get_example_netif(void)
{
    return s_netif;
}
