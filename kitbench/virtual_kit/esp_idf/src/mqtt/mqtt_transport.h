/* SPDX-License-Identifier: Apache-2.0 */
/* The connection below MQTT: esp-tls, with the log lines of ESP-IDF's tcp_transport component. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "esp_tls.h"

enum { TRANSPORT_TIMEOUT = 0, TRANSPORT_FAILED = -1, TRANSPORT_CLOSED = -2, TRANSPORT_RESET = -3 };

typedef struct {
    esp_tls_t *tls; /* NULL: not connected */
    esp_tls_last_error_t error;
    int system_error; /* errno, or 0 */
    bool is_plain;
} mqtt_transport_t;

/* Whether the connection stands. Blocks for as long as `config->timeout_ms`. */
bool transport_connect(mqtt_transport_t *transport, const char *host, int port, const esp_tls_cfg_t *config);

/* Bytes read (at least 1), or one of the codes above. */
int transport_read(mqtt_transport_t *transport, void *data, size_t length, int timeout_ms);

/* Whether all of it was sent. */
bool transport_write(mqtt_transport_t *transport, const void *data, size_t length);

/* Whether there is something to read (or an end to notice) within the time-out. */
bool transport_wait_readable(mqtt_transport_t *transport, int timeout_ms);
void transport_close(mqtt_transport_t *transport);

/* Milliseconds of real time: network time-outs do not follow the simulated clock. */
int64_t transport_now_ms(void);
