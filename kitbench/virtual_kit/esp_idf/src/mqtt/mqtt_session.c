/* SPDX-License-Identifier: Apache-2.0 */
/* The client's task: connects, receives, sends what waits, pings, connects again. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "esp_log.h"
#include "kit/host.h"
#include "mqtt_internal.h"

#define POLL_MS 1000
#define OUTBOX_EXPIRED_MS 30000
#define DUPLICATE_FLAG 0x08

#ifdef CONFIG_MQTT_REPORT_DELETED_MESSAGES
#define REPORTS_DELETED true
#else
#define REPORTS_DELETED false
#endif

static const char *TAG = "mqtt_client";

bool mqtt_send(esp_mqtt_client_handle_t client, const mqtt_packet_t *packet)
{
    if (transport_write(&client->transport, packet->data, packet->length)) {
        return true;
    }
    ESP_LOGE(TAG, "Writing failed: errno=0");
    mqtt_dispatch_transport_error(client);
    return false;
}

bool mqtt_send_and_free(esp_mqtt_client_handle_t client, mqtt_packet_t packet)
{
    const bool sent = packet.data != NULL && mqtt_send(client, &packet);
    free(packet.data);
    return sent;
}

/* Another task must not take the connection from under the client's own, which may be waiting on it. */
void mqtt_abort(esp_mqtt_client_handle_t client)
{
    if (xTaskGetCurrentTaskHandle() != client->task) {
        client->must_abort = true;
        return;
    }
    transport_close(&client->transport);
    client->must_abort = false;
    client->wait_ms = client->settings.reconnect_ms;
    client->wait_since_ms = transport_now_ms();
    client->state = MQTT_STATE_WAIT_RECONNECT;
    client->waits_for_pingresp = false;
    mqtt_dispatch(client, MQTT_EVENT_DISCONNECTED, 0);
}

void mqtt_expire(esp_mqtt_client_handle_t client)
{
    int id;
    while ((id = outbox_expire_one(&client->outbox, transport_now_ms(), OUTBOX_EXPIRED_MS)) >= 0) {
        if (REPORTS_DELETED) {
            mqtt_dispatch(client, MQTT_EVENT_DELETED, id);
        }
    }
}

static mqtt_packet_t connect_packet(const mqtt_settings_t *settings)
{
    const mqtt_connect_fields_t fields = {
        .client_id = settings->client_id,
        .username = settings->username,
        .password = settings->password,
        .will_topic = settings->will_topic,
        .will_message = settings->will_message,
        .will_length = settings->will_length,
        .will_qos = settings->will_qos,
        .will_retain = settings->will_retain,
        .clean_session = settings->clean_session,
        .keepalive_s = (uint16_t)settings->keepalive_s,
        .is_3_1 = settings->protocol == MQTT_PROTOCOL_V_3_1,
    };
    return mqtt_encode_connect(&fields);
}

static void report_refusal(esp_mqtt_client_handle_t client, int code)
{
    static const char *const reasons[] = {
        [MQTT_CONNECTION_REFUSE_PROTOCOL] = "bad protocol",
        [MQTT_CONNECTION_REFUSE_SERVER_UNAVAILABLE] = "server unavailable",
        [MQTT_CONNECTION_REFUSE_BAD_USERNAME] = "bad username or password",
        [MQTT_CONNECTION_REFUSE_NOT_AUTHORIZED] = "not authorized",
    };
    const char *reason = code < (int)(sizeof(reasons) / sizeof(reasons[0])) ? reasons[code] : NULL;
    ESP_LOGW(TAG, "Connection refused, %s", reason ? reason : "Unknow reason");
    mqtt_clear_error(client);
    client->error.error_type = MQTT_ERROR_TYPE_CONNECTION_REFUSED;
    client->error.connect_return_code = code;
    mqtt_dispatch(client, MQTT_EVENT_ERROR, 0);
}

static bool receive_connack(esp_mqtt_client_handle_t client)
{
    size_t total = 0;
    client->in_length = 0;
    const int received = mqtt_receive(client, client->settings.timeout_ms, &total);
    if (received <= 0) {
        ESP_LOGE(TAG, "esp_mqtt_connect: mqtt_message_receive() returned %d", received);
        return false;
    }
    client->in_length = 0;
    if (mqtt_packet_type(client->in_buffer) != MQTT_CONNACK || total < 4) {
        ESP_LOGE(TAG, "Invalid MSG_TYPE response: %d, read_len: %d", mqtt_packet_type(client->in_buffer), received);
        return false;
    }
    if (client->in_buffer[3] != MQTT_CONNECTION_ACCEPTED) {
        report_refusal(client, client->in_buffer[3]);
        return false;
    }
    client->event.session_present = client->in_buffer[2] & 0x01;
    return true;
}

static bool is_scheme_supported(const mqtt_settings_t *settings)
{
    if (settings->scheme == NULL) {
        ESP_LOGE(TAG, "No scheme found");
    } else if (strcasecmp(settings->scheme, "mqtt") == 0 || strcasecmp(settings->scheme, "mqtts") == 0) {
        return settings->host != NULL;
    } else {
        ESP_LOGE(TAG, "Not support this mqtt scheme %s", settings->scheme);
        if (strcasecmp(settings->scheme, "ws") == 0 || strcasecmp(settings->scheme, "wss") == 0) {
            kit_lacks("MQTT over WebSocket");
        }
    }
    ESP_LOGE(TAG, "Failed to create transport list");
    return false;
}

static void connect_client(esp_mqtt_client_handle_t client)
{
    mqtt_settings_t *settings = &client->settings;
    xEventGroupClearBits(client->bits, MQTT_BIT_RECONNECT | MQTT_BIT_DISCONNECT);
    mqtt_dispatch(client, MQTT_EVENT_BEFORE_CONNECT, 0);
    if (!is_scheme_supported(settings)) {
        client->run = false;
        return;
    }
    settings->tls.is_plain_tcp = strcasecmp(settings->scheme, "mqtt") == 0;
    const int port = settings->port != 0 ? settings->port : (settings->tls.is_plain_tcp ? 1883 : 8883);
    if (!transport_connect(&client->transport, settings->host, port, &settings->tls)) {
        ESP_LOGE(TAG, "Error transport connect");
        mqtt_dispatch_transport_error(client);
        mqtt_abort(client);
        return;
    }
    client->waits_for_pingresp = false;
    if (!mqtt_send_and_free(client, connect_packet(settings)) || !receive_connack(client)) {
        ESP_LOGE(TAG, "MQTT connect failed");
        mqtt_abort(client);
        return;
    }
    client->state = MQTT_STATE_CONNECTED;
    client->keepalive_since_ms = client->connected_since_ms = transport_now_ms();
    mqtt_dispatch(client, MQTT_EVENT_CONNECTED, 0);
}

/* Ping at half of the keep-alive time; false when the connection had to be given up. */
static bool keep_alive(esp_mqtt_client_handle_t client)
{
    const int64_t period_ms = (int64_t)client->settings.keepalive_s * 1000;
    const int64_t elapsed_ms = transport_now_ms() - client->keepalive_since_ms;
    if (period_ms == 0) {
        return true;
    }
    if (client->waits_for_pingresp) {
        if (elapsed_ms >= period_ms) {
            ESP_LOGE(TAG, "No PING_RESP, disconnected");
            mqtt_abort(client);
            return false;
        }
        return true;
    }
    if (elapsed_ms >= period_ms / 2) {
        if (!mqtt_send_and_free(client, mqtt_encode_empty(MQTT_PINGREQ))) {
            ESP_LOGE(TAG, "Can't send ping, disconnected");
            mqtt_abort(client);
            return false;
        }
        client->waits_for_pingresp = true;
    }
    return true;
}

/* Send one packet again, or for the first time when it was only queued; false when the connection had to be given up. */
static bool send_item(esp_mqtt_client_handle_t client, outbox_item_t *item)
{
    if (item->state == OUTBOX_TRANSMITTED && item->qos > 0) {
        item->packet.data[0] |= DUPLICATE_FLAG;
    }
    if (!mqtt_send(client, &item->packet)) {
        ESP_LOGE(TAG, "Error to resend data ");
        mqtt_abort(client);
        return false;
    }
    item->state = OUTBOX_TRANSMITTED;
    item->sent_ms = transport_now_ms();
    if (item->type == MQTT_PUBLISH && item->qos == 0) {
        outbox_remove(&client->outbox, item);
    }
    return true;
}

static bool send_waiting(esp_mqtt_client_handle_t client)
{
    outbox_item_t *item = outbox_oldest(&client->outbox, OUTBOX_QUEUED);
    if (item != NULL) {
        return send_item(client, item);
    }
    const int64_t now_ms = transport_now_ms();
    if (now_ms - client->retransmit_since_ms < client->settings.retransmit_ms) {
        return true;
    }
    client->retransmit_since_ms = now_ms;
    item = outbox_oldest(&client->outbox, OUTBOX_TRANSMITTED);
    if (item != NULL && now_ms - item->sent_ms > client->settings.retransmit_ms) {
        return send_item(client, item);
    }
    return true;
}

static void work_connected(esp_mqtt_client_handle_t client)
{
    if (client->must_abort) {
        mqtt_abort(client);
        return;
    }
    if (xEventGroupWaitBits(client->bits, MQTT_BIT_DISCONNECT, pdTRUE, pdTRUE, 0) & MQTT_BIT_DISCONNECT) {
        mqtt_send_and_free(client, mqtt_encode_empty(MQTT_DISCONNECT));
        mqtt_abort(client);
        return;
    }
    if (mqtt_process(client) != ESP_OK && client->state == MQTT_STATE_CONNECTED) {
        mqtt_abort(client);
        return;
    }
    if (client->state != MQTT_STATE_CONNECTED || !client->run) {
        return;
    }
    mqtt_expire(client);
    if (!send_waiting(client) || !keep_alive(client)) {
        return;
    }
    const int refresh_ms = client->settings.refresh_ms;
    if (refresh_ms > 0 && transport_now_ms() - client->connected_since_ms >= refresh_ms) {
        mqtt_abort(client);
        client->state = MQTT_STATE_INIT;
    }
}

/* Whether it is time to connect again. */
static bool may_reconnect(esp_mqtt_client_handle_t client)
{
    if (client->settings.auto_reconnect) {
        return transport_now_ms() - client->wait_since_ms > client->wait_ms;
    }
    return (xEventGroupWaitBits(client->bits, MQTT_BIT_RECONNECT, pdTRUE, pdTRUE, 0) & MQTT_BIT_RECONNECT) != 0;
}

static void work(esp_mqtt_client_handle_t client)
{
    mqtt_run_custom_events(client);
    switch (client->state) {
    case MQTT_STATE_INIT:
        connect_client(client);
        break;
    case MQTT_STATE_CONNECTED:
        work_connected(client);
        break;
    case MQTT_STATE_WAIT_RECONNECT:
        if (may_reconnect(client)) {
            client->state = MQTT_STATE_INIT;
        }
        break;
    case MQTT_STATE_DISCONNECTED:
        break;
    }
}

/* Sleep until there may be something to do. */
static void rest(esp_mqtt_client_handle_t client)
{
    if (client->state == MQTT_STATE_CONNECTED) {
        const bool hurry = outbox_oldest(&client->outbox, OUTBOX_QUEUED) != NULL || client->must_abort;
        transport_wait_readable(&client->transport, hurry ? 0 : POLL_MS);
    } else if (client->state == MQTT_STATE_WAIT_RECONNECT) {
        const TickType_t half = pdMS_TO_TICKS((uint32_t)(client->wait_ms / 2));
        xEventGroupWaitBits(client->bits, MQTT_BIT_RECONNECT, pdFALSE, pdTRUE, half > 0 ? half : 1);
    }
}

void mqtt_task(void *arg)
{
    esp_mqtt_client_handle_t client = arg;
    mqtt_lock(client);
    client->task = xTaskGetCurrentTaskHandle();
    while (client->run) {
        work(client);
        const bool run = client->run;
        mqtt_unlock(client);
        if (run) {
            rest(client);
        }
        mqtt_lock(client);
    }
    transport_close(&client->transport);
    outbox_clear(&client->outbox);
    client->state = MQTT_STATE_DISCONNECTED;
    mqtt_unlock(client);
    xEventGroupSetBits(client->bits, MQTT_BIT_STOPPED);
    vTaskDelete(NULL);
}
