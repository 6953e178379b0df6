/* SPDX-License-Identifier: Apache-2.0 */
/* esp-mqtt as ESP-IDF 4.4 has it: one flat configuration, and a callback beside the event loop. The client itself is the
 * one of ESP-IDF 5, whose configuration is made of this one. */
#pragma once

#define esp_mqtt_client_config_t kit_mqtt_config_of_5_t
#define esp_mqtt_client_init kit_mqtt_client_init_of_5
#define esp_mqtt_set_config kit_mqtt_set_config_of_5
#include_next <mqtt_client.h>
#undef esp_mqtt_client_config_t
#undef esp_mqtt_client_init
#undef esp_mqtt_set_config

#ifdef __cplusplus
extern "C" {
#endif

typedef esp_err_t (*mqtt_event_callback_t)(esp_mqtt_event_handle_t event);

/* Names and defaults: ESP-IDF Programming Guide v4.4, "ESP-MQTT". */
typedef struct {
    mqtt_event_callback_t event_handle;
    esp_event_loop_handle_t event_loop_handle; /* not modelled: the client is not made */
    const char *host;
    const char *uri;
    uint32_t port;
    bool set_null_client_id;
    const char *client_id;
    const char *username;
    const char *password;
    const char *lwt_topic;
    const char *lwt_msg;
    int lwt_qos;
    int lwt_retain;
    int lwt_msg_len;
    int disable_clean_session;
    int keepalive; /* seconds */
    bool disable_auto_reconnect;
    int task_prio;
    int task_stack;
    int buffer_size;
    const char *cert_pem;
    size_t cert_len; /* 0: a string */
    const char *client_cert_pem;
    size_t client_cert_len;
    const char *client_key_pem;
    size_t client_key_len;
    esp_mqtt_transport_t transport;
    int refresh_connection_after_ms;
    const struct psk_key_hint *psk_hint_key;
    bool use_global_ca_store;
    esp_err_t (*crt_bundle_attach)(void *conf);
    int reconnect_timeout_ms;
    const char **alpn_protos;
    const char *clientkey_password;
    int clientkey_password_len;
    esp_mqtt_protocol_ver_t protocol_ver;
    int out_buffer_size;
    bool skip_cert_common_name_check;
    bool use_secure_element;
    void *ds_data;
    int network_timeout_ms;
    bool disable_keepalive;
    const char *path;
    int message_retransmit_timeout; /* milliseconds */
} esp_mqtt_client_config_t;

/* The functions that take ESP-IDF 5's configuration, by their own names for the linker. */
esp_mqtt_client_handle_t kit_mqtt_client_init_of_5(const kit_mqtt_config_of_5_t *config) __asm__("esp_mqtt_client_init");
esp_err_t kit_mqtt_set_config_of_5(esp_mqtt_client_handle_t client, const kit_mqtt_config_of_5_t *config)
    __asm__("esp_mqtt_set_config");

static inline kit_mqtt_config_of_5_t kit_mqtt_config_of_4(const esp_mqtt_client_config_t *config)
{
    return (kit_mqtt_config_of_5_t) {
        .broker = {
            .address = {
                .uri = config->uri,
                .hostname = config->host,
                .transport = config->transport,
                .path = config->path,
                .port = config->port,
            },
            .verification = {
                .use_global_ca_store = config->use_global_ca_store,
                .crt_bundle_attach = config->crt_bundle_attach,
                .certificate = config->cert_pem,
                .certificate_len = config->cert_len,
                .psk_hint_key = config->psk_hint_key,
                .skip_cert_common_name_check = config->skip_cert_common_name_check,
                .alpn_protos = config->alpn_protos,
            },
        },
        .credentials = {
            .username = config->username,
            .client_id = config->client_id,
            .set_null_client_id = config->set_null_client_id,
            .authentication = {
                .password = config->password,
                .certificate = config->client_cert_pem,
                .certificate_len = config->client_cert_len,
                .key = config->client_key_pem,
                .key_len = config->client_key_len,
                .key_password = config->clientkey_password,
                .key_password_len = config->clientkey_password_len,
                .use_secure_element = config->use_secure_element,
                .ds_data = config->ds_data,
            },
        },
        .session = {
            .last_will = {
                .topic = config->lwt_topic,
                .msg = config->lwt_msg,
                .msg_len = config->lwt_msg_len,
                .qos = config->lwt_qos,
                .retain = config->lwt_retain,
            },
            .disable_clean_session = config->disable_clean_session != 0,
            .keepalive = config->keepalive,
            .disable_keepalive = config->disable_keepalive,
            .protocol_ver = config->protocol_ver,
            .message_retransmit_timeout = config->message_retransmit_timeout,
        },
        .network = {
            .reconnect_timeout_ms = config->reconnect_timeout_ms,
            .timeout_ms = config->network_timeout_ms,
            .refresh_connection_after_ms = config->refresh_connection_after_ms,
            .disable_auto_reconnect = config->disable_auto_reconnect,
        },
        .task = {.priority = config->task_prio, .stack_size = config->task_stack},
        .buffer = {.size = config->buffer_size, .out_size = config->out_buffer_size},
    };
}

static inline void kit_mqtt_call_back(void *callback, esp_event_base_t base, int32_t id, void *event)
{
    (void)base, (void)id;
    ((mqtt_event_callback_t)callback)((esp_mqtt_event_handle_t)event);
}

static inline esp_mqtt_client_handle_t esp_mqtt_client_init(const esp_mqtt_client_config_t *config)
{
    if (config == NULL || config->event_loop_handle != NULL) {
        return NULL;
    }
    const kit_mqtt_config_of_5_t made = kit_mqtt_config_of_4(config);
    esp_mqtt_client_handle_t client = kit_mqtt_client_init_of_5(&made);
    if (client != NULL && config->event_handle != NULL) {
        esp_mqtt_client_register_event(client, (esp_mqtt_event_id_t)ESP_EVENT_ANY_ID, kit_mqtt_call_back,
                                       (void *)config->event_handle);
    }
    return client;
}

static inline esp_err_t esp_mqtt_set_config(esp_mqtt_client_handle_t client, const esp_mqtt_client_config_t *config)
{
    const kit_mqtt_config_of_5_t made = kit_mqtt_config_of_4(config);
    return kit_mqtt_set_config_of_5(client, &made);
}

#ifdef __cplusplus
}
#endif
