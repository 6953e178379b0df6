/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mqtt_session.h"

#include "backoff.h"
#include "esp_bit_defs.h"
#include "esp_check.h"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
#include "freertos/task.h"
#include "log_lines.h"
#include "mqtt_client.h"
#include "sdkconfig.h"

#define READY_BIT BIT0
#define LOST_BIT BIT1

#define KEEP_ALIVE_S 10
#define SUBSCRIPTION_REFUSED 0x80

static const char *TAG = "subpub";

static EventGroupHandle_t s_events;
static esp_mqtt_client_handle_t s_client;
/* The first wait is 1 to 2 s: a device that comes back within a second of a lost connection is too hasty for AWS. */
static backoff_t s_backoff = { .base_ms = 2000, .max_ms = 60000 };

static void log_error(const esp_mqtt_error_codes_t *error)
{
    int code = error->esp_tls_stack_err != 0 ? -error->esp_tls_stack_err : (int)error->esp_tls_last_esp_err;
    if (error->error_type == MQTT_ERROR_TYPE_CONNECTION_REFUSED) {
        code = error->connect_return_code;
    }
    ESP_LOGE(TAG, LOG_LINE_CONNECT_ERROR, code, CONFIG_AWS_IOT_MQTT_HOST, CONFIG_AWS_IOT_MQTT_PORT);
}

static void on_connected(void)
{
    ESP_LOGI(TAG, LOG_LINE_CONNECTED);
    backoff_reset(&s_backoff);
    ESP_LOGI(TAG, LOG_LINE_SUBSCRIBING);
    esp_mqtt_client_subscribe_single(s_client, CONFIG_EXAMPLE_TOPIC, 0);
}

static void on_subscribed(const esp_mqtt_event_t *event)
{
    if (event->data_len > 0 && (uint8_t)event->data[0] == SUBSCRIPTION_REFUSED) {
        ESP_LOGE(TAG, LOG_LINE_SUBSCRIBE_ERROR, CONFIG_EXAMPLE_TOPIC);
        return;
    }
    ESP_LOGI(TAG, LOG_LINE_SUBSCRIBED, CONFIG_EXAMPLE_TOPIC);
    xEventGroupSetBits(s_events, READY_BIT);
}

static void on_disconnected(void)
{
    ESP_LOGW(TAG, LOG_LINE_DISCONNECTED);
    xEventGroupClearBits(s_events, READY_BIT);
    xEventGroupSetBits(s_events, LOST_BIT);
}

static void on_message(const esp_mqtt_event_t *event)
{
    if (event->current_data_offset != 0) {
        return; /* the rest of a message that is longer than the buffer */
    }
    ESP_LOGI(TAG, LOG_LINE_RECEIVED);
    ESP_LOGI(TAG, LOG_LINE_MESSAGE, event->topic_len, event->topic, event->data_len, event->data);
}

static void on_mqtt_event(void *arg, esp_event_base_t base, int32_t id, void *data)
{
    const esp_mqtt_event_t *event = data;
    switch ((esp_mqtt_event_id_t)id) {
    case MQTT_EVENT_CONNECTED:
        on_connected();
        break;
    case MQTT_EVENT_SUBSCRIBED:
        on_subscribed(event);
        break;
    case MQTT_EVENT_DISCONNECTED:
        on_disconnected();
        break;
    case MQTT_EVENT_DATA:
        on_message(event);
        break;
    case MQTT_EVENT_ERROR:
        log_error(event->error_handle);
        break;
    default:
        break;
    }
}

esp_err_t mqtt_session_start(const device_credentials_t *credentials)
{
    s_events = xEventGroupCreate();
    ESP_RETURN_ON_FALSE(s_events != NULL, ESP_ERR_NO_MEM, TAG, "no memory");
    const esp_mqtt_client_config_t config = {
        .broker.address.hostname = CONFIG_AWS_IOT_MQTT_HOST,
        .broker.address.port = CONFIG_AWS_IOT_MQTT_PORT,
        .broker.address.transport = MQTT_TRANSPORT_OVER_SSL,
        .broker.verification.certificate = credentials->root_ca_pem,
        .credentials.client_id = CONFIG_AWS_EXAMPLE_CLIENT_ID,
        .credentials.authentication.certificate = credentials->certificate_pem,
        .credentials.authentication.key = credentials->private_key_pem,
        .credentials.authentication.use_secure_element = credentials->use_secure_element,
        .session.keepalive = KEEP_ALIVE_S,
        /* The client's own waits are all alike; ours grow and differ from device to device. */
        .network.disable_auto_reconnect = true,
    };
    s_client = esp_mqtt_client_init(&config);
    ESP_RETURN_ON_FALSE(s_client != NULL, ESP_FAIL, TAG, "cannot create the MQTT client");
    ESP_RETURN_ON_ERROR(esp_mqtt_client_register_event(s_client, MQTT_EVENT_ANY, on_mqtt_event, NULL), TAG, "events");
    ESP_LOGI(TAG, LOG_LINE_CONNECTING);
    return esp_mqtt_client_start(s_client);
}

void mqtt_session_wait_ready(void)
{
    while ((xEventGroupGetBits(s_events) & READY_BIT) == 0) {
        EventBits_t bits = xEventGroupWaitBits(s_events, READY_BIT | LOST_BIT, pdFALSE, pdFALSE, portMAX_DELAY);
        if ((bits & LOST_BIT) != 0) {
            vTaskDelay(pdMS_TO_TICKS(backoff_next_ms(&s_backoff)));
            xEventGroupClearBits(s_events, LOST_BIT);
            ESP_LOGI(TAG, LOG_LINE_CONNECTING);
            esp_mqtt_client_reconnect(s_client);
        }
    }
}

esp_err_t mqtt_session_publish(const char *payload, int qos)
{
    /* While there is no connection, the client would keep a message with QoS 1 and report it as sent. */
    if ((xEventGroupGetBits(s_events) & READY_BIT) == 0) {
        return ESP_FAIL;
    }
    return esp_mqtt_client_publish(s_client, CONFIG_EXAMPLE_TOPIC, payload, 0, qos, 0) >= 0 ? ESP_OK : ESP_FAIL;
}
