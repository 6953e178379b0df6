/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include "esp_log.h"
#include "esp_timer.h"
#include "mqtt_transport.h"

#define CONNECTION_RESET (-0x0050) /* MBEDTLS_ERR_NET_CONN_RESET */

static const char *TAG = "transport_base";

/* Replaced by the runtime where it has a clock that the clock factor does not touch. */
__attribute__((weak)) int64_t kit_network_time_us(void)
{
    return esp_timer_get_time();
}

int64_t transport_now_ms(void)
{
    return kit_network_time_us() / 1000;
}

/* Keep what esp-tls says about the failure: its own record goes with the connection. */
static void capture_error(mqtt_transport_t *transport)
{
    esp_tls_error_handle_t handle = NULL;
    if (esp_tls_get_error_handle(transport->tls, &handle) != ESP_OK || handle == NULL) {
        return;
    }
    esp_tls_get_and_clear_error_type(handle, ESP_TLS_ERR_TYPE_SYSTEM, &transport->system_error);
    const esp_err_t error = esp_tls_get_and_clear_last_error(handle, &transport->error.esp_tls_error_code,
                                                             &transport->error.esp_tls_flags);
    transport->error.last_error = error;
}

bool transport_connect(mqtt_transport_t *transport, const char *host, int port, const esp_tls_cfg_t *config)
{
    memset(&transport->error, 0, sizeof(transport->error));
    transport->system_error = 0;
    transport->is_plain = config->is_plain_tcp;
    transport->tls = esp_tls_init();
    if (transport->tls == NULL) {
        ESP_LOGE(TAG, "Failed to initialize new connection object");
        return false;
    }
    if (esp_tls_conn_new_sync(host, (int)strlen(host), port, config, transport->tls) <= 0) {
        capture_error(transport);
        if (transport->is_plain) {
            ESP_LOGE(TAG, "Failed to open a new connection: %d", transport->error.last_error);
        } else {
            ESP_LOGE(TAG, "Failed to open a new connection");
        }
        transport_close(transport);
        return false;
    }
    return true;
}

int transport_read(mqtt_transport_t *transport, void *data, size_t length, int timeout_ms)
{
    if (transport->tls == NULL) {
        return TRANSPORT_FAILED;
    }
    if (!transport_wait_readable(transport, timeout_ms)) {
        return TRANSPORT_TIMEOUT;
    }
    const ssize_t count = esp_tls_conn_read(transport->tls, data, length);
    if (count == ESP_TLS_ERR_SSL_WANT_READ || count == ESP_TLS_ERR_SSL_TIMEOUT) {
        return TRANSPORT_TIMEOUT;
    }
    if (count == CONNECTION_RESET) { /* esp-mqtt polls before it reads, and the poll tells it */
        ESP_LOGE(TAG, "poll_read select error %d, errno = %s, fd = 54", ECONNRESET, strerror(ECONNRESET));
        return TRANSPORT_RESET;
    }
    if (count < 0) {
        ESP_LOGE(TAG, "esp_tls_conn_read error, errno=%s", strerror(errno));
        capture_error(transport);
        return TRANSPORT_FAILED;
    }
    if (count == 0) {
        if (transport->is_plain) {
            ESP_LOGE(TAG, "tcp_read error, errno=%s", strerror(ENOTCONN));
        }
        errno = transport->system_error = ENOTCONN;
        transport->error.last_error = ESP_ERR_ESP_TLS_TCP_CLOSED_FIN;
        return TRANSPORT_CLOSED;
    }
    return (int)count;
}

bool transport_write(mqtt_transport_t *transport, const void *data, size_t length)
{
    const uint8_t *rest = data;
    while (length > 0) {
        if (transport->tls == NULL) {
            return false;
        }
        const ssize_t count = esp_tls_conn_write(transport->tls, rest, length);
        if (count <= 0) {
            ESP_LOGE(TAG, "esp_tls_conn_write error, errno=%s", strerror(errno));
            capture_error(transport);
            return false;
        }
        rest += count;
        length -= (size_t)count;
    }
    return true;
}

bool transport_wait_readable(mqtt_transport_t *transport, int timeout_ms)
{
    return esp_tls_get_bytes_avail(transport->tls) > 0 || kit_tls_wait_readable(transport->tls, timeout_ms) != 0;
}

void transport_close(mqtt_transport_t *transport)
{
    if (transport->tls != NULL) {
        esp_tls_conn_destroy(transport->tls);
        transport->tls = NULL;
    }
}
