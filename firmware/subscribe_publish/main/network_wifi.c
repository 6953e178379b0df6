/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "network.h"

#include "backoff.h"
#include "esp_bit_defs.h"
#include "esp_check.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_timer.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
#include "sdkconfig.h"

#define CONNECTED_BIT BIT0

static const char *TAG = "network";

static EventGroupHandle_t s_events;
static esp_timer_handle_t s_reconnect_timer;
static backoff_t s_backoff = { .base_ms = 500, .max_ms = 30000 };

static void reconnect(void *arg)
{
    esp_wifi_connect();
}

static void on_wifi_event(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    if (id == WIFI_EVENT_STA_START) {
        esp_wifi_connect();
    } else if (id == WIFI_EVENT_STA_DISCONNECTED) {
        const wifi_event_sta_disconnected_t *event = data;
        ESP_LOGW(TAG, "disconnected (reason %d), connecting to the AP again", event->reason);
        xEventGroupClearBits(s_events, CONNECTED_BIT);
        esp_timer_start_once(s_reconnect_timer, backoff_next_ms(&s_backoff) * 1000ULL);
    }
}

static void on_got_ip(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    const ip_event_got_ip_t *event = data;
    ESP_LOGI(TAG, "Connected with IP Address:" IPSTR, IP2STR(&event->ip_info.ip));
    backoff_reset(&s_backoff);
    xEventGroupSetBits(s_events, CONNECTED_BIT);
}

static esp_err_t start_station(void)
{
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    ESP_RETURN_ON_ERROR(esp_wifi_init(&init), TAG, "cannot initialise Wi-Fi");
    ESP_RETURN_ON_ERROR(esp_wifi_set_storage(WIFI_STORAGE_RAM), TAG, "cannot keep the settings in RAM");
    wifi_config_t config = {
        .sta = {
            .ssid = CONFIG_WIFI_SSID,
            .password = CONFIG_WIFI_PASSWORD,
        },
    };
    ESP_LOGI(TAG, "Setting WiFi configuration SSID %s...", CONFIG_WIFI_SSID);
    ESP_RETURN_ON_ERROR(esp_wifi_set_mode(WIFI_MODE_STA), TAG, "cannot become a station");
    ESP_RETURN_ON_ERROR(esp_wifi_set_config(WIFI_IF_STA, &config), TAG, "settings refused");
    return esp_wifi_start();
}

esp_err_t network_start(void)
{
    s_events = xEventGroupCreate();
    ESP_RETURN_ON_FALSE(s_events != NULL, ESP_ERR_NO_MEM, TAG, "no memory");
    ESP_RETURN_ON_ERROR(esp_netif_init(), TAG, "cannot initialise the network interface");
    esp_netif_create_default_wifi_sta();

    const esp_timer_create_args_t timer = { .callback = reconnect, .name = "wifi_reconnect" };
    ESP_RETURN_ON_ERROR(esp_timer_create(&timer, &s_reconnect_timer), TAG, "cannot create a timer");
    ESP_RETURN_ON_ERROR(esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_wifi_event, NULL), TAG, "events");
    ESP_RETURN_ON_ERROR(esp_event_handler_register(IP_EVENT, IP_EVENT_STA_GOT_IP, on_got_ip, NULL), TAG, "events");
    ESP_RETURN_ON_ERROR(start_station(), TAG, "cannot start Wi-Fi");

    xEventGroupWaitBits(s_events, CONNECTED_BIT, pdFALSE, pdTRUE, portMAX_DELAY);
    return ESP_OK;
}
