/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "session.h"

#include "esp_check.h"
#include "esp_log.h"
#include "mqtt_client.h"
#include "sdkconfig.h"

#define RECONNECT_AFTER_MS 2000

extern const char root_ca[] asm("_binary_aws_root_ca_pem_start");
extern const char certificate[] asm("_binary_certificate_pem_crt_start");
extern const char private_key[] asm("_binary_private_pem_key_start");

static const char *TAG = "session";

static esp_mqtt_client_handle_t s_client;
static volatile bool s_is_ready;

static void on_event(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    const esp_mqtt_event_t *event = data;
    switch ((esp_mqtt_event_id_t)id) {
    case MQTT_EVENT_CONNECTED:
        ESP_LOGI(TAG, "connected");
        esp_mqtt_client_subscribe_single(s_client, CONFIG_EXAMPLE_TOPIC, 1);
        break;
    case MQTT_EVENT_SUBSCRIBED:
        s_is_ready = true;
        break;
    case MQTT_EVENT_DISCONNECTED:
        ESP_LOGW(TAG, "disconnected");
        s_is_ready = false;
        break;
    case MQTT_EVENT_DATA:
        ESP_LOGI(TAG, "received: %.*s", event->data_len, event->data);
        break;
    default:
        break;
    }
}

esp_err_t session_start(void)
{
    const esp_mqtt_client_config_t config = {
        .broker.address.hostname = CONFIG_AWS_IOT_MQTT_HOST,
        .broker.address.port = CONFIG_AWS_IOT_MQTT_PORT,
        .broker.address.transport = MQTT_TRANSPORT_OVER_SSL,
        .broker.verification.certificate = root_ca,
        .credentials.client_id = CONFIG_AWS_EXAMPLE_CLIENT_ID,
        .credentials.authentication.certificate = certificate,
        .credentials.authentication.key = private_key,
        .network.reconnect_timeout_ms = RECONNECT_AFTER_MS,
    };
    s_client = esp_mqtt_client_init(&config);
    ESP_RETURN_ON_FALSE(s_client != NULL, ESP_FAIL, TAG, "cannot create the client");
    ESP_RETURN_ON_ERROR(esp_mqtt_client_register_event(s_client, MQTT_EVENT_ANY, on_event, NULL), TAG, "events");
    return esp_mqtt_client_start(s_client);
}

bool session_publish(const char *message)
{
    return s_is_ready && esp_mqtt_client_publish(s_client, CONFIG_EXAMPLE_TOPIC, message, 0, 1, 0) >= 0;
}
