/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "esp_log.h"
#include "kit/host.h"
#include "mqtt_internal.h"

#define DEFAULT_KEEPALIVE_S 120
#define DEFAULT_RETRANSMIT_MS 1000
#define DEFAULT_TIMEOUT_MS 10000
#define DEFAULT_RECONNECT_MS 10000
#define DEFAULT_PRIORITY 5
#define DEFAULT_STACK_SIZE 6144
#define PORT_MOST 65535

static const char *TAG = "mqtt_client";

static esp_err_t copy_span(char **target, const char *text, size_t length)
{
    char *copy = calloc(1, length + 1);
    if (copy == NULL) {
        return ESP_ERR_NO_MEM;
    }
    memcpy(copy, text, length);
    free(*target);
    *target = copy;
    return ESP_OK;
}

/* What is not given stays as it is. */
static esp_err_t copy_string(char **target, const char *text)
{
    return text == NULL ? ESP_OK : copy_span(target, text, strlen(text));
}

static void copy_number(int *target, int value, int fallback)
{
    if (value > 0) {
        *target = value;
    } else if (*target == 0) {
        *target = fallback;
    }
}

static esp_err_t default_client_id(char **target)
{
    uint8_t mac[6];
    char text[13];
    kit_mac(mac);
    snprintf(text, sizeof(text), "ESP32_%02x%02X%02X", mac[3], mac[4], mac[5]);
    return copy_string(target, text);
}

static esp_err_t apply_credentials(mqtt_settings_t *settings, const struct credentials_t *credentials)
{
    esp_err_t error = copy_string(&settings->username, credentials->username);
    if (error == ESP_OK) {
        error = copy_string(&settings->password, credentials->authentication.password);
    }
    if (error != ESP_OK || credentials->set_null_client_id) {
        return error;
    }
    if (credentials->client_id == NULL && settings->client_id == NULL) {
        return default_client_id(&settings->client_id);
    }
    return copy_string(&settings->client_id, credentials->client_id);
}

static esp_err_t apply_session(mqtt_settings_t *settings, const struct session_t *session)
{
    const struct last_will_t *will = &session->last_will;
    settings->clean_session = !session->disable_clean_session;
    copy_number(&settings->keepalive_s, session->keepalive, DEFAULT_KEEPALIVE_S);
    if (session->disable_keepalive) {
        settings->keepalive_s = 0;
    }
    settings->protocol = session->protocol_ver ? session->protocol_ver : MQTT_PROTOCOL_V_3_1_1;
    copy_number(&settings->retransmit_ms, session->message_retransmit_timeout, DEFAULT_RETRANSMIT_MS);
    settings->will_qos = will->qos;
    settings->will_retain = will->retain != 0;
    if (will->msg != NULL) {
        settings->will_length = will->msg_len > 0 ? (size_t)will->msg_len : strlen(will->msg);
        const esp_err_t error = copy_span(&settings->will_message, will->msg, settings->will_length);
        if (error != ESP_OK) {
            return error;
        }
    }
    return copy_string(&settings->will_topic, will->topic);
}

/* The size that esp-tls expects: of PEM text with its closing NUL. */
static unsigned int buffer_size(const char *data, size_t length)
{
    return data == NULL ? 0 : (unsigned int)(length > 0 ? length : strlen(data) + 1);
}

/* Each of these ESP-IDF would use. */
static void tell_of_gaps(const esp_mqtt_client_config_t *config)
{
    if (config->broker.verification.crt_bundle_attach != NULL) {
        kit_lacks("a bundle of root certificates (crt_bundle_attach)");
    }
    if (config->broker.verification.psk_hint_key != NULL) {
        kit_lacks("TLS with a pre-shared key");
    }
    if (config->credentials.authentication.key_password != NULL) {
        kit_lacks("private keys with a password");
    }
    if (config->credentials.authentication.ds_data != NULL) {
        kit_lacks("the digital signature peripheral");
    }
    if (config->network.transport != NULL) {
        kit_lacks("an MQTT transport of the firmware's own");
    }
}

static void apply_tls(esp_tls_cfg_t *tls, const esp_mqtt_client_config_t *config)
{
    const struct verification_t *verification = &config->broker.verification;
    const struct authentication_t *authentication = &config->credentials.authentication;
    tls->use_global_ca_store = verification->use_global_ca_store;
    tls->crt_bundle_attach = verification->crt_bundle_attach;
    tls->cacert_buf = (const unsigned char *)verification->certificate;
    tls->cacert_bytes = buffer_size(verification->certificate, verification->certificate_len);
    tls->skip_common_name = verification->skip_cert_common_name_check;
    tls->common_name = verification->common_name;
    tls->alpn_protos = verification->alpn_protos;
    tls->clientcert_buf = (const unsigned char *)authentication->certificate;
    tls->clientcert_bytes = buffer_size(authentication->certificate, authentication->certificate_len);
    tls->clientkey_buf = (const unsigned char *)authentication->key;
    tls->clientkey_bytes = buffer_size(authentication->key, authentication->key_len);
    tls->clientkey_password = (const unsigned char *)authentication->key_password;
    tls->clientkey_password_len = (unsigned int)authentication->key_password_len;
    tls->use_secure_element = authentication->use_secure_element;
}

static esp_err_t apply_address(mqtt_settings_t *settings, const struct address_t *address)
{
    static const char *const schemes[] = {
        [MQTT_TRANSPORT_UNKNOWN] = NULL,        [MQTT_TRANSPORT_OVER_TCP] = "mqtt",
        [MQTT_TRANSPORT_OVER_SSL] = "mqtts",    [MQTT_TRANSPORT_OVER_WS] = "ws",
        [MQTT_TRANSPORT_OVER_WSS] = "wss",
    };
    if (address->port > PORT_MOST || (unsigned int)address->transport > MQTT_TRANSPORT_OVER_WSS) {
        ESP_LOGE(TAG, "Invalid configuration");
        return ESP_ERR_INVALID_ARG;
    }
    if (address->port != 0) {
        settings->port = (int)address->port;
    }
    if (address->uri != NULL) {
        return mqtt_settings_set_uri(settings, address->uri);
    }
    const esp_err_t error = copy_string(&settings->host, address->hostname);
    return error != ESP_OK ? error : copy_string(&settings->scheme, schemes[address->transport]);
}

static void warn_about_conflicts(const mqtt_settings_t *settings, const struct address_t *address)
{
    const bool is_secure = settings->scheme != NULL && strcasecmp(settings->scheme, "mqtts") == 0;
    const esp_tls_cfg_t *tls = &settings->tls;
    if (!is_secure && (tls->cacert_buf || tls->clientcert_buf || tls->alpn_protos || tls->use_global_ca_store)) {
        ESP_LOGW(TAG, "SSL related configs set, but the URI scheme specifies a non-SSL scheme, scheme = %s",
                 settings->scheme ? settings->scheme : "(null)");
    }
    if (address->uri != NULL && address->transport != MQTT_TRANSPORT_UNKNOWN) {
        ESP_LOGW(TAG, "Transport config set, but overridden by scheme from URI: transport = %d, uri scheme = %s",
                 address->transport, settings->scheme ? settings->scheme : "(null)");
    }
}

esp_err_t mqtt_settings_apply(mqtt_settings_t *settings, const esp_mqtt_client_config_t *config)
{
    esp_err_t error = apply_address(settings, &config->broker.address);
    if (error == ESP_OK) {
        error = apply_credentials(settings, &config->credentials);
    }
    if (error == ESP_OK) {
        error = apply_session(settings, &config->session);
    }
    if (error != ESP_OK) {
        return error;
    }
    copy_number(&settings->reconnect_ms, config->network.reconnect_timeout_ms, DEFAULT_RECONNECT_MS);
    copy_number(&settings->timeout_ms, config->network.timeout_ms, DEFAULT_TIMEOUT_MS);
    settings->refresh_ms = config->network.refresh_connection_after_ms;
    settings->auto_reconnect = !config->network.disable_auto_reconnect;
    copy_number(&settings->priority, config->task.priority, DEFAULT_PRIORITY);
    copy_number(&settings->stack_size, config->task.stack_size, DEFAULT_STACK_SIZE);
    settings->outbox_limit = config->outbox.limit;
    apply_tls(&settings->tls, config);
    settings->tls.timeout_ms = settings->timeout_ms;
    if (settings->protocol == MQTT_PROTOCOL_V_5) {
#if CONFIG_MQTT_PROTOCOL_5
        kit_lacks("MQTT 5");
#endif
        ESP_LOGE(TAG, "Please first enable MQTT_PROTOCOL_5 feature in menuconfig");
        return ESP_ERR_INVALID_ARG;
    }
    tell_of_gaps(config);
    warn_about_conflicts(settings, &config->broker.address);
    return ESP_OK;
}

/* user[:password]@ */
static esp_err_t set_user_info(mqtt_settings_t *settings, const char *text, size_t length)
{
    const char *colon = memchr(text, ':', length);
    const size_t user_length = colon ? (size_t)(colon - text) : length;
    const esp_err_t error = copy_span(&settings->username, text, user_length);
    if (error != ESP_OK || colon == NULL) {
        return error;
    }
    return copy_span(&settings->password, colon + 1, length - user_length - 1);
}

/* host[:port]; an IPv6 address stands in brackets. */
static esp_err_t set_host(mqtt_settings_t *settings, const char *text, size_t length)
{
    const char *bracket = text[0] == '[' ? memchr(text, ']', length) : NULL;
    const char *host = bracket ? text + 1 : text;
    const char *after = bracket ? bracket + 1 : text;
    const char *colon = memchr(after, ':', length - (size_t)(after - text));
    const char *end = bracket ? bracket : (colon ? colon : text + length);
    if (end == host) {
        return ESP_FAIL;
    }
    if (colon != NULL) {
        char *rest;
        const long port = strtol(colon + 1, &rest, 10);
        if (rest != text + length || port <= 0 || port > PORT_MOST) {
            return ESP_FAIL;
        }
        settings->port = (int)port;
    }
    return copy_span(&settings->host, host, (size_t)(end - host));
}

esp_err_t mqtt_settings_set_uri(mqtt_settings_t *settings, const char *uri)
{
    const char *separator = strstr(uri, "://");
    if (separator == NULL || separator == uri) {
        ESP_LOGE(TAG, "Error parse uri = %s", uri);
        return ESP_FAIL;
    }
    const char *authority = separator + 3;
    size_t length = strcspn(authority, "/?#");
    esp_err_t error = copy_span(&settings->scheme, uri, (size_t)(separator - uri));
    const char *at = memchr(authority, '@', length);
    if (error == ESP_OK && at != NULL) {
        error = set_user_info(settings, authority, (size_t)(at - authority));
        length -= (size_t)(at + 1 - authority);
        authority = at + 1;
    }
    if (error == ESP_OK) {
        error = set_host(settings, authority, length);
    }
    if (error != ESP_OK) {
        ESP_LOGE(TAG, "Error parse uri = %s", uri);
    }
    return error;
}

void mqtt_settings_free(mqtt_settings_t *settings)
{
    char *const texts[] = {settings->scheme,   settings->host,       settings->client_id,    settings->username,
                           settings->password, settings->will_topic, settings->will_message};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        free(texts[i]);
    }
    memset(settings, 0, sizeof(*settings));
}
