/* SPDX-License-Identifier: Apache-2.0 */
/* The context holds the connection of esp-tls that stands for it. */
#pragma once

struct esp_tls;

typedef struct {
    struct esp_tls *connection;
} mbedtls_ssl_context;

typedef struct {
    int unused;
} mbedtls_ssl_config;
