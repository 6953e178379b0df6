/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include "esp_log.h"
#include "mqtt_internal.h"

#define SUBACK_FAILURE 0x80

static const char *TAG = "mqtt_client";

/* Read up to `wanted` bytes of the packet; 1 when they are all there, 0 when not yet, less when the connection is lost:
 * TRANSPORT_RESET, for which esp-mqtt sends no MQTT_EVENT_ERROR, or -1. */
static int fill(esp_mqtt_client_handle_t client, size_t wanted, int timeout_ms)
{
    while (client->in_length < wanted) {
        const int count = transport_read(&client->transport, client->in_buffer + client->in_length,
                                         wanted - client->in_length, timeout_ms);
        if (count == TRANSPORT_TIMEOUT) {
            return 0;
        }
        if (count == TRANSPORT_RESET) {
            ESP_LOGE(TAG, "Poll read error: %d, aborting connection", EINPROGRESS);
            return TRANSPORT_RESET;
        }
        if (count < 0) {
            ESP_LOGE(TAG, "esp_mqtt_handle_transport_read_error: transport_read() error: errno=%d", errno);
            mqtt_dispatch_transport_error(client);
            return -1;
        }
        client->in_length += (size_t)count;
    }
    return 1;
}

static int refuse(esp_mqtt_client_handle_t client)
{
    mqtt_dispatch_transport_error(client);
    return -1;
}

/* The length of the fixed header once it is there; 0 when not yet, -1 when the connection is lost. */
static int receive_header(esp_mqtt_client_handle_t client, int timeout_ms, size_t *total)
{
    for (;;) {
        const int header = mqtt_decode_length(client->in_buffer, client->in_length, total);
        if (header != 0) {
            return header > 0 ? header : refuse(client);
        }
        const int filled = fill(client, client->in_length + 1, timeout_ms);
        if (filled <= 0) {
            return filled;
        }
        if (!mqtt_is_valid_first_byte(client->in_buffer[0])) {
            ESP_LOGE(TAG, "mqtt_message_receive: received a message with an invalid header=0x%x",
                     client->in_buffer[0]);
            return refuse(client);
        }
    }
}

int mqtt_receive(esp_mqtt_client_handle_t client, int timeout_ms, size_t *total)
{
    const int header = receive_header(client, timeout_ms, total);
    if (header <= 0) {
        return header;
    }
    const bool is_publish = mqtt_packet_type(client->in_buffer) == MQTT_PUBLISH;
    if (*total > client->in_size && !is_publish) {
        ESP_LOGE(TAG, "mqtt_message_receive: message is too big, insufficient buffer size");
        return refuse(client);
    }
    /* A message longer than the buffer is delivered in parts: the first fills the buffer. */
    return fill(client, *total < client->in_size ? *total : client->in_size, timeout_ms);
}

static esp_err_t deliver_rest(esp_mqtt_client_handle_t client, size_t delivered, size_t payload_length)
{
    while (delivered < payload_length) {
        const size_t rest = payload_length - delivered;
        client->in_length = 0;
        if (fill(client, rest < client->in_size ? rest : client->in_size, client->settings.timeout_ms) <= 0) {
            return ESP_FAIL;
        }
        client->event.topic = NULL;
        client->event.topic_len = 0;
        client->event.data = (char *)client->in_buffer;
        client->event.data_len = (int)client->in_length;
        client->event.current_data_offset = (int)delivered;
        mqtt_dispatch(client, MQTT_EVENT_DATA, client->event.msg_id);
        delivered += client->in_length;
    }
    return ESP_OK;
}

static esp_err_t deliver_publish(esp_mqtt_client_handle_t client, size_t total)
{
    mqtt_publish_fields_t fields;
    size_t ignored;
    const int header = mqtt_decode_length(client->in_buffer, client->in_length, &ignored);
    if (!mqtt_decode_publish(client->in_buffer, client->in_length, (size_t)header, total, &fields)) {
        ESP_LOGE(TAG, "mqtt_message_receive: message is too big, insufficient buffer size");
        mqtt_dispatch_transport_error(client);
        return ESP_FAIL;
    }
    const int qos = mqtt_packet_qos(client->in_buffer);
    const size_t first_part = client->in_length - fields.payload_offset;
    const size_t payload_length = total - fields.payload_offset;
    client->event.retain = client->in_buffer[0] & 0x01;
    client->event.dup = (client->in_buffer[0] & 0x08) != 0;
    client->event.qos = qos;
    client->event.topic = (char *)client->in_buffer + fields.topic_offset;
    client->event.topic_len = (int)fields.topic_length;
    client->event.data = first_part > 0 ? (char *)client->in_buffer + fields.payload_offset : NULL;
    client->event.data_len = (int)first_part;
    client->event.total_data_len = (int)payload_length;
    client->event.current_data_offset = 0;
    mqtt_dispatch(client, MQTT_EVENT_DATA, fields.id);
    if (deliver_rest(client, first_part, payload_length) != ESP_OK) {
        ESP_LOGE(TAG, "Failed to deliver publish message id=%d", fields.id);
        return ESP_FAIL;
    }
    if (qos == 1 && !mqtt_send_and_free(client, mqtt_encode_puback(fields.id))) {
        ESP_LOGE(TAG, "Error write qos msg repsonse, qos = %d", qos);
        return ESP_FAIL;
    }
    return ESP_OK;
}

static void deliver_suback(esp_mqtt_client_handle_t client, size_t total, int id)
{
    size_t ignored;
    const size_t first_code = (size_t)mqtt_decode_length(client->in_buffer, client->in_length, &ignored) + 2;
    mqtt_clear_error(client);
    for (size_t i = first_code; i < total; i++) {
        if (client->in_buffer[i] == SUBACK_FAILURE) {
            client->error.error_type = MQTT_ERROR_TYPE_SUBSCRIBE_FAILED;
        }
    }
    client->event.data = (char *)client->in_buffer + first_code;
    client->event.data_len = total > first_code ? (int)(total - first_code) : 0;
    client->event.total_data_len = client->event.data_len;
    client->event.current_data_offset = 0;
    mqtt_dispatch(client, MQTT_EVENT_SUBSCRIBED, id);
}

static void acknowledge(esp_mqtt_client_handle_t client, mqtt_packet_type_t request, esp_mqtt_event_id_t event, int id)
{
    if (outbox_acknowledge(&client->outbox, request, (uint16_t)id)) {
        mqtt_dispatch(client, event, id);
    }
}

static esp_err_t process_packet(esp_mqtt_client_handle_t client, size_t total)
{
    const uint8_t *packet = client->in_buffer;
    const int id = total >= 4 ? packet[2] << 8 | packet[3] : 0;
    switch (mqtt_packet_type(packet)) {
    case MQTT_PUBLISH:
        return deliver_publish(client, total);
    case MQTT_PUBACK:
        acknowledge(client, MQTT_PUBLISH, MQTT_EVENT_PUBLISHED, id);
        break;
    case MQTT_SUBACK:
        if (outbox_acknowledge(&client->outbox, MQTT_SUBSCRIBE, (uint16_t)id)) {
            deliver_suback(client, total, id);
        }
        break;
    case MQTT_UNSUBACK:
        acknowledge(client, MQTT_UNSUBSCRIBE, MQTT_EVENT_UNSUBSCRIBED, id);
        break;
    case MQTT_PINGRESP:
        client->waits_for_pingresp = false;
        client->keepalive_since_ms = transport_now_ms();
        break;
    default:
        break;
    }
    return ESP_OK;
}

/* Take every packet that has already arrived, so that no message is sent again while its answer waits here. */
esp_err_t mqtt_process(esp_mqtt_client_handle_t client)
{
    for (;;) {
        size_t total = 0;
        const int received = mqtt_receive(client, 0, &total);
        if (received < 0) {
            if (received != TRANSPORT_RESET) {
                ESP_LOGE(TAG, "mqtt_process_receive: mqtt_message_receive() returned %d", received);
            }
            return ESP_FAIL;
        }
        if (received == 0) {
            return ESP_OK;
        }
        const esp_err_t error = process_packet(client, total);
        client->in_length = 0;
        if (error != ESP_OK || client->state != MQTT_STATE_CONNECTED || !client->run) {
            return error;
        }
    }
}
