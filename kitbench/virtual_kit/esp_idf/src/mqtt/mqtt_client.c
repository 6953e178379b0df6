/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of `mqtt_client.h`, callable from any task. */
#include <stdlib.h>
#include <string.h>
#include "esp_log.h"
#include "mqtt_internal.h"

#define DEFAULT_BUFFER_SIZE 1024
#define FAILED (-1)
#define OUTBOX_FULL (-2)

static const char *TAG = "mqtt_client";

static bool is_initialized(esp_mqtt_client_handle_t client)
{
    if (client == NULL) {
        ESP_LOGE(TAG, "Client was not initialized");
    }
    return client != NULL;
}

static bool create_parts(esp_mqtt_client_handle_t client, const esp_mqtt_client_config_t *config)
{
    client->in_size = (size_t)(config->buffer.size > 0 ? config->buffer.size : DEFAULT_BUFFER_SIZE);
    client->settings.out_size = config->buffer.out_size > 0 ? (size_t)config->buffer.out_size : client->in_size;
    client->in_buffer = malloc(client->in_size);
    client->lock = xSemaphoreCreateRecursiveMutex();
    client->bits = xEventGroupCreate();
    client->custom_events = xQueueCreate(1, sizeof(esp_mqtt_event_t));
    client->state = MQTT_STATE_DISCONNECTED;
    return client->in_buffer && client->lock && client->bits && client->custom_events;
}

static void free_parts(esp_mqtt_client_handle_t client)
{
    while (client->handlers != NULL) {
        mqtt_handler_t *handler = client->handlers;
        client->handlers = handler->next;
        free(handler);
    }
    outbox_clear(&client->outbox);
    mqtt_settings_free(&client->settings);
    if (client->custom_events) {
        vQueueDelete(client->custom_events);
    }
    if (client->bits) {
        vEventGroupDelete(client->bits);
    }
    if (client->lock) {
        vSemaphoreDelete(client->lock);
    }
    free(client->in_buffer);
    free(client);
}

esp_mqtt_client_handle_t esp_mqtt_client_init(const esp_mqtt_client_config_t *config)
{
    esp_mqtt_client_handle_t client = calloc(1, sizeof(*client));
    if (client == NULL) {
        return NULL;
    }
    if (!create_parts(client, config) || mqtt_settings_apply(&client->settings, config) != ESP_OK) {
        free_parts(client);
        return NULL;
    }
    return client;
}

esp_err_t esp_mqtt_set_config(esp_mqtt_client_handle_t client, const esp_mqtt_client_config_t *config)
{
    if (!is_initialized(client) || config == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    mqtt_lock(client);
    const esp_err_t error = mqtt_settings_apply(&client->settings, config);
    mqtt_unlock(client);
    return error;
}

esp_err_t esp_mqtt_client_set_uri(esp_mqtt_client_handle_t client, const char *uri)
{
    if (!is_initialized(client) || uri == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    mqtt_lock(client);
    const esp_err_t error = mqtt_settings_set_uri(&client->settings, uri);
    mqtt_unlock(client);
    return error;
}

esp_err_t esp_mqtt_client_start(esp_mqtt_client_handle_t client)
{
    if (!is_initialized(client)) {
        return ESP_ERR_INVALID_ARG;
    }
    mqtt_lock(client);
    if (client->run) {
        ESP_LOGE(TAG, "Client has started");
        mqtt_unlock(client);
        return ESP_FAIL;
    }
    client->run = true;
    client->state = MQTT_STATE_INIT;
    xEventGroupClearBits(client->bits, MQTT_BIT_STOPPED);
    const BaseType_t created = xTaskCreate(mqtt_task, "mqtt_task", (configSTACK_DEPTH_TYPE)client->settings.stack_size,
                                           client, (UBaseType_t)client->settings.priority, &client->task);
    if (created != pdPASS) {
        ESP_LOGE(TAG, "Error create mqtt task");
        client->run = false;
        client->state = MQTT_STATE_DISCONNECTED;
    }
    mqtt_unlock(client);
    return created == pdPASS ? ESP_OK : ESP_FAIL;
}

esp_err_t esp_mqtt_client_disconnect(esp_mqtt_client_handle_t client)
{
    if (!is_initialized(client)) {
        return ESP_ERR_INVALID_ARG;
    }
    ESP_LOGI(TAG, "Client asked to disconnect");
    xEventGroupSetBits(client->bits, MQTT_BIT_DISCONNECT);
    return ESP_OK;
}

esp_err_t esp_mqtt_client_reconnect(esp_mqtt_client_handle_t client)
{
    if (!is_initialized(client)) {
        return ESP_ERR_INVALID_ARG;
    }
    ESP_LOGI(TAG, "Client force reconnect requested");
    if (client->state != MQTT_STATE_WAIT_RECONNECT) {
        return ESP_FAIL;
    }
    client->wait_ms = 0;
    xEventGroupSetBits(client->bits, MQTT_BIT_RECONNECT);
    return ESP_OK;
}

esp_err_t esp_mqtt_client_stop(esp_mqtt_client_handle_t client)
{
    if (!is_initialized(client)) {
        return ESP_ERR_INVALID_ARG;
    }
    mqtt_lock(client);
    if (!client->run) {
        ESP_LOGW(TAG, "Client asked to stop, but was not started");
        mqtt_unlock(client);
        return ESP_FAIL;
    }
    if (xTaskGetCurrentTaskHandle() == client->task) {
        mqtt_unlock(client);
        ESP_LOGE(TAG, "Client cannot be stopped from MQTT task");
        return ESP_FAIL;
    }
    if (client->state == MQTT_STATE_CONNECTED) {
        mqtt_send_and_free(client, mqtt_encode_empty(MQTT_DISCONNECT));
    }
    client->run = false;
    client->state = MQTT_STATE_DISCONNECTED;
    mqtt_unlock(client);
    xEventGroupSetBits(client->bits, MQTT_BIT_RECONNECT); /* wakes a client that waits to connect again */
    xEventGroupWaitBits(client->bits, MQTT_BIT_STOPPED, pdFALSE, pdTRUE, portMAX_DELAY);
    return ESP_OK;
}

esp_err_t esp_mqtt_client_destroy(esp_mqtt_client_handle_t client)
{
    if (!is_initialized(client)) {
        return ESP_ERR_INVALID_ARG;
    }
    if (client->run && esp_mqtt_client_stop(client) != ESP_OK) {
        return ESP_FAIL;
    }
    free_parts(client);
    return ESP_OK;
}

static uint16_t next_id(esp_mqtt_client_handle_t client)
{
    client->last_id = client->last_id == UINT16_MAX ? 1 : client->last_id + 1;
    return client->last_id;
}

static bool is_outbox_full(esp_mqtt_client_handle_t client, size_t more)
{
    return client->settings.outbox_limit > 0 && client->outbox.size + more > client->settings.outbox_limit;
}

/* Send a SUBSCRIBE or UNSUBSCRIBE and keep it until it is acknowledged; takes the packet over. */
static int send_request(esp_mqtt_client_handle_t client, mqtt_packet_t packet, mqtt_packet_type_t type, uint16_t id)
{
    if (packet.data == NULL) {
        return FAILED;
    }
    outbox_item_t *item = outbox_add(&client->outbox, packet, type, id, transport_now_ms());
    if (item == NULL) {
        return FAILED;
    }
    item->state = OUTBOX_TRANSMITTED;
    item->sent_ms = transport_now_ms();
    return mqtt_send(client, &item->packet) ? id : FAILED;
}

int esp_mqtt_client_subscribe_multiple(esp_mqtt_client_handle_t client, const esp_mqtt_topic_t *topic_list, int size)
{
    if (!is_initialized(client) || topic_list == NULL || size <= 0) {
        return FAILED;
    }
    mqtt_lock(client);
    int result = FAILED;
    if (is_outbox_full(client, 0)) {
        result = OUTBOX_FULL;
    } else if (client->state != MQTT_STATE_CONNECTED) {
        ESP_LOGE(TAG, "Client has not connected");
    } else {
        const uint16_t id = next_id(client);
        result = send_request(client, mqtt_encode_subscribe(topic_list, size, id), MQTT_SUBSCRIBE, id);
        if (result < 0) {
            ESP_LOGE(TAG, "Error to send subscribe message, first topic: %s, qos: %d", topic_list[0].filter,
                     topic_list[0].qos);
        }
    }
    mqtt_unlock(client);
    return result;
}

int esp_mqtt_client_subscribe_single(esp_mqtt_client_handle_t client, const char *topic, int qos)
{
    const esp_mqtt_topic_t one = {.filter = topic, .qos = qos};
    return topic == NULL ? FAILED : esp_mqtt_client_subscribe_multiple(client, &one, 1);
}

int esp_mqtt_client_unsubscribe(esp_mqtt_client_handle_t client, const char *topic)
{
    if (!is_initialized(client) || topic == NULL) {
        return FAILED;
    }
    mqtt_lock(client);
    int result = FAILED;
    if (client->state != MQTT_STATE_CONNECTED) {
        ESP_LOGE(TAG, "Client has not connected");
    } else {
        const uint16_t id = next_id(client);
        result = send_request(client, mqtt_encode_unsubscribe(topic, id), MQTT_UNSUBSCRIBE, id);
        if (result < 0) {
            ESP_LOGE(TAG, "Error to unsubscribe topic=%s", topic);
        }
    }
    mqtt_unlock(client);
    return result;
}

/* A PUBLISH and its id; its data is NULL when it cannot be made. */
static mqtt_packet_t make_publish(esp_mqtt_client_handle_t client, const char *topic, const char *data, size_t length,
                                  int qos, int retain, uint16_t *id)
{
    mqtt_packet_t packet = {0};
    *id = qos > 0 ? next_id(client) : 0;
    /* Two bytes each for the topic's length and the id, five for the fixed header: they and the topic fill the buffer. */
    if (topic != NULL && qos >= 0 && qos <= 1 && strlen(topic) + 9 <= client->settings.out_size) {
        packet = mqtt_encode_publish(topic, data, length, qos, retain != 0, *id);
    }
    if (packet.data == NULL) {
        ESP_LOGE(TAG, "Publish message cannot be created");
    }
    return packet;
}

static size_t payload_length(const char *data, int length)
{
    return length > 0 ? (size_t)length : (data != NULL ? strlen(data) : 0);
}

/* Send a message without keeping it; 0 or FAILED. Takes the packet over. */
static int publish_qos0(esp_mqtt_client_handle_t client, mqtt_packet_t packet)
{
    bool sent = false;
    if (client->state == MQTT_STATE_CONNECTED) {
        sent = mqtt_send(client, &packet);
        if (!sent) {
            mqtt_abort(client);
        }
    }
    if (!sent) {
        ESP_LOGW(TAG, "Publish: Losing qos0 data when client not connected");
    }
    free(packet.data);
    return sent ? 0 : FAILED;
}

/* Keep a message until it is acknowledged and send it if that is possible now. Takes the packet over. */
static int publish_qos1(esp_mqtt_client_handle_t client, mqtt_packet_t packet, uint16_t id)
{
    outbox_item_t *item = outbox_add(&client->outbox, packet, MQTT_PUBLISH, id, transport_now_ms());
    if (item == NULL) {
        return FAILED;
    }
    if (client->state != MQTT_STATE_CONNECTED) {
        mqtt_expire(client);
        return id;
    }
    if (!mqtt_send(client, &item->packet)) {
        mqtt_abort(client);
        return FAILED;
    }
    item->state = OUTBOX_TRANSMITTED;
    item->sent_ms = transport_now_ms();
    return id;
}

int esp_mqtt_client_publish(esp_mqtt_client_handle_t client, const char *topic, const char *data, int len, int qos,
                            int retain)
{
    if (!is_initialized(client)) {
        return FAILED;
    }
    const size_t length = payload_length(data, len);
    mqtt_lock(client);
    int result = OUTBOX_FULL;
    if (qos <= 0 || !is_outbox_full(client, length)) {
        uint16_t id;
        const mqtt_packet_t packet = make_publish(client, topic, data, length, qos, retain, &id);
        result = FAILED;
        if (packet.data != NULL) {
            result = qos > 0 ? publish_qos1(client, packet, id) : publish_qos0(client, packet);
        }
    }
    mqtt_unlock(client);
    return result;
}

int esp_mqtt_client_enqueue(esp_mqtt_client_handle_t client, const char *topic, const char *data, int len, int qos,
                            int retain, bool store)
{
    if (!is_initialized(client)) {
        return FAILED;
    }
    const size_t length = payload_length(data, len);
    mqtt_lock(client);
    int result = OUTBOX_FULL;
    if (!is_outbox_full(client, length)) {
        uint16_t id;
        const mqtt_packet_t packet = make_publish(client, topic, data, length, qos, retain, &id);
        result = FAILED;
        if (packet.data != NULL && (qos > 0 || store)) {
            const int64_t now_ms = transport_now_ms();
            result = outbox_add(&client->outbox, packet, MQTT_PUBLISH, id, now_ms) != NULL ? id : FAILED;
        } else {
            free(packet.data); /* QoS 0 is not kept unless asked for */
        }
    }
    mqtt_unlock(client);
    return result;
}

int esp_mqtt_client_get_outbox_size(esp_mqtt_client_handle_t client)
{
    return client == NULL ? 0 : (int)client->outbox.size;
}

esp_err_t esp_mqtt_client_register_event(esp_mqtt_client_handle_t client, esp_mqtt_event_id_t event,
                                         esp_event_handler_t event_handler, void *event_handler_arg)
{
    mqtt_handler_t *handler = client && event_handler ? calloc(1, sizeof(*handler)) : NULL;
    if (handler == NULL) {
        return client && event_handler ? ESP_ERR_NO_MEM : ESP_ERR_INVALID_ARG;
    }
    *handler = (mqtt_handler_t){.event = event, .call = event_handler, .arg = event_handler_arg};
    mqtt_lock(client);
    mqtt_handler_t **end = &client->handlers;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = handler;
    mqtt_unlock(client);
    return ESP_OK;
}

esp_err_t esp_mqtt_client_unregister_event(esp_mqtt_client_handle_t client, esp_mqtt_event_id_t event,
                                           esp_event_handler_t event_handler)
{
    if (client == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    mqtt_lock(client);
    for (mqtt_handler_t **link = &client->handlers; *link != NULL; link = &(*link)->next) {
        mqtt_handler_t *handler = *link;
        if (handler->event == event && handler->call == event_handler) {
            *link = handler->next;
            free(handler);
            break;
        }
    }
    mqtt_unlock(client);
    return ESP_OK;
}

esp_err_t esp_mqtt_dispatch_custom_event(esp_mqtt_client_handle_t client, esp_mqtt_event_t *event)
{
    if (client == NULL || event == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    return xQueueSend(client->custom_events, event, 0) == pdTRUE ? ESP_OK : ESP_ERR_TIMEOUT;
}
