/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "mqtt_internal.h"

ESP_EVENT_DEFINE_BASE(MQTT_EVENTS);

static void call_handlers(esp_mqtt_client_handle_t client, esp_mqtt_event_id_t id, esp_mqtt_event_t *event)
{
    mqtt_handler_t *next;
    for (mqtt_handler_t *handler = client->handlers; handler != NULL; handler = next) {
        next = handler->next; /* a handler may unregister itself */
        if (handler->event == MQTT_EVENT_ANY || handler->event == id) {
            handler->call(handler->arg, MQTT_EVENTS, id, event);
        }
    }
}

/* Runs in the client's task, with the client locked, as esp-mqtt does. */
void mqtt_dispatch(esp_mqtt_client_handle_t client, esp_mqtt_event_id_t id, int msg_id)
{
    client->event.event_id = id;
    client->event.client = client;
    client->event.msg_id = msg_id;
    client->event.error_handle = &client->error;
    client->event.protocol_ver = client->settings.protocol;
    call_handlers(client, id, &client->event);
}

void mqtt_clear_error(esp_mqtt_client_handle_t client)
{
    memset(&client->error, 0, sizeof(client->error));
}

void mqtt_dispatch_transport_error(esp_mqtt_client_handle_t client)
{
    const esp_tls_last_error_t *error = &client->transport.error;
    mqtt_clear_error(client);
    client->error.error_type = MQTT_ERROR_TYPE_TCP_TRANSPORT;
    client->error.esp_tls_last_esp_err = error->last_error;
    client->error.esp_tls_stack_err = error->esp_tls_error_code;
    client->error.esp_tls_cert_verify_flags = error->esp_tls_flags;
    client->error.esp_transport_sock_errno = client->transport.system_error;
    mqtt_dispatch(client, MQTT_EVENT_ERROR, 0);
}

void mqtt_run_custom_events(esp_mqtt_client_handle_t client)
{
    esp_mqtt_event_t event;
    if (xQueueReceive(client->custom_events, &event, 0) == pdTRUE) {
        call_handlers(client, MQTT_USER_EVENT, &event);
    }
}
