/* SPDX-License-Identifier: Apache-2.0 */
/* The client behind `mqtt_client.h`. Everything but `events` of another task is guarded by `lock`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
#include "freertos/queue.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "mqtt_client.h"
#include "mqtt_outbox.h"
#include "mqtt_packet.h"
#include "mqtt_transport.h"

typedef enum {
    MQTT_STATE_INIT,
    MQTT_STATE_CONNECTED,
    MQTT_STATE_WAIT_RECONNECT,
    MQTT_STATE_DISCONNECTED,
} mqtt_state_t;

/* What set_config was given: strings copied, certificates and keys by reference. */
typedef struct {
    char *scheme;
    char *host;
    int port;
    char *client_id;
    char *username;
    char *password;
    char *will_topic;
    char *will_message;
    size_t will_length;
    int will_qos;
    bool will_retain;
    bool clean_session;
    int keepalive_s; /* 0: none */
    esp_mqtt_protocol_ver_t protocol;
    int retransmit_ms;
    int reconnect_ms;
    int timeout_ms;
    int refresh_ms;
    bool auto_reconnect;
    int priority;
    int stack_size;
    size_t out_size;
    uint64_t outbox_limit;
    esp_tls_cfg_t tls;
} mqtt_settings_t;

typedef struct mqtt_handler {
    struct mqtt_handler *next;
    esp_mqtt_event_id_t event;
    esp_event_handler_t call;
    void *arg;
} mqtt_handler_t;

enum { MQTT_BIT_STOPPED = 1, MQTT_BIT_RECONNECT = 2, MQTT_BIT_DISCONNECT = 4 };

struct esp_mqtt_client {
    mqtt_settings_t settings;
    mqtt_transport_t transport;
    mqtt_handler_t *handlers;
    outbox_t outbox;
    SemaphoreHandle_t lock; /* recursive */
    EventGroupHandle_t bits;
    QueueHandle_t custom_events;
    TaskHandle_t task;
    bool run;
    bool must_abort; /* a write of another task failed: the client's own task closes the connection */
    mqtt_state_t state;
    esp_mqtt_event_t event;
    esp_mqtt_error_codes_t error;
    uint16_t last_id;
    int64_t wait_ms;
    int64_t wait_since_ms;
    int64_t keepalive_since_ms;
    int64_t connected_since_ms;
    int64_t retransmit_since_ms;
    bool waits_for_pingresp;
    uint8_t *in_buffer;
    size_t in_size;
    size_t in_length; /* of the packet being received */
};

/* mqtt_settings.c */
esp_err_t mqtt_settings_apply(mqtt_settings_t *settings, const esp_mqtt_client_config_t *config);
esp_err_t mqtt_settings_set_uri(mqtt_settings_t *settings, const char *uri);
void mqtt_settings_free(mqtt_settings_t *settings);

/* mqtt_event.c */
void mqtt_dispatch(esp_mqtt_client_handle_t client, esp_mqtt_event_id_t id, int msg_id);
void mqtt_dispatch_transport_error(esp_mqtt_client_handle_t client);
void mqtt_clear_error(esp_mqtt_client_handle_t client);
void mqtt_run_custom_events(esp_mqtt_client_handle_t client);

/* mqtt_receive.c: 1 when a packet is in in_buffer, 0 when not yet, -1 when the connection is lost. */
int mqtt_receive(esp_mqtt_client_handle_t client, int timeout_ms, size_t *total);
esp_err_t mqtt_process(esp_mqtt_client_handle_t client);

/* mqtt_session.c */
void mqtt_task(void *arg);
bool mqtt_send(esp_mqtt_client_handle_t client, const mqtt_packet_t *packet);
bool mqtt_send_and_free(esp_mqtt_client_handle_t client, mqtt_packet_t packet);
void mqtt_abort(esp_mqtt_client_handle_t client);
void mqtt_expire(esp_mqtt_client_handle_t client);

static inline void mqtt_lock(esp_mqtt_client_handle_t client)
{
    xSemaphoreTakeRecursive(client->lock, portMAX_DELAY);
}

static inline void mqtt_unlock(esp_mqtt_client_handle_t client)
{
    xSemaphoreGiveRecursive(client->lock);
}
