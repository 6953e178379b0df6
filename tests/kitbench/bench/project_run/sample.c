#include <stdio.h>
#include <string.h>
#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
#include "freertos/task.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "mqtt_client.h"
#include "nvs_flash.h"

#define TOPIC "lab/tele"
#ifndef PORT
#define PORT 8883
#endif
static const char *TAG = "tele";
extern const char root_pem[] asm("_binary_root_pem_start");
extern const char device_pem[] asm("_binary_device_pem_start");
extern const char device_key[] asm("_binary_device_key_start");
static EventGroupHandle_t up;

static void on_ip(void *a, esp_event_base_t b, int32_t id, void *d) { xEventGroupSetBits(up, 1); }
static void on_wifi(void *a, esp_event_base_t b, int32_t id, void *d)
{
    if (id == WIFI_EVENT_STA_START || id == WIFI_EVENT_STA_DISCONNECTED) esp_wifi_connect();
}
static void on_mqtt(void *a, esp_event_base_t b, int32_t id, void *data)
{
    esp_mqtt_event_handle_t e = data;
    if (id == MQTT_EVENT_CONNECTED) { ESP_LOGI(TAG, "connected"); esp_mqtt_client_subscribe(e->client, TOPIC, 0); }
    if (id == MQTT_EVENT_DISCONNECTED) ESP_LOGW(TAG, "disconnected");
    if (id == MQTT_EVENT_DATA) ESP_LOGI(TAG, "got %.*s", e->data_len, e->data);
}
void app_main(void)
{
    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(esp_netif_init());
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    up = xEventGroupCreate();
    esp_netif_create_default_wifi_sta();
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_wifi, NULL);
    esp_event_handler_register(IP_EVENT, IP_EVENT_STA_GOT_IP, on_ip, NULL);
    wifi_config_t w = { .sta = { .ssid = "lab", .password = "secret123" } };
    esp_wifi_set_mode(WIFI_MODE_STA);
    esp_wifi_set_config(WIFI_IF_STA, &w);
    esp_wifi_start();
    xEventGroupWaitBits(up, 1, pdFALSE, pdTRUE, portMAX_DELAY);
    esp_mqtt_client_config_t c = {
        .broker.address.hostname = "a1b2c3d4e5f6g7-ats.iot.eu-central-1.amazonaws.com",
        .broker.address.port = PORT,
        .broker.address.transport = MQTT_TRANSPORT_OVER_SSL,
        .broker.verification.certificate = root_pem,
        .credentials.client_id = "tele-7",
        .credentials.authentication.certificate = device_pem,
        .credentials.authentication.key = device_key,
    };
    esp_mqtt_client_handle_t m = esp_mqtt_client_init(&c);
    esp_mqtt_client_register_event(m, ESP_EVENT_ANY_ID, on_mqtt, NULL);
    esp_mqtt_client_start(m);
    for (int i = 0;; i++) {
        char t[40]; snprintf(t, sizeof t, "{\"n\":%d}", i);
        esp_mqtt_client_publish(m, TOPIC, t, 0, 0, 0);
        vTaskDelay(pdMS_TO_TICKS(1000));
    }
}
