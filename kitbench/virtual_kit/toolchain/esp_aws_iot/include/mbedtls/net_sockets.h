/* SPDX-License-Identifier: Apache-2.0 */
/* A context without content. */
#pragma once

typedef struct {
    int unused;
} mbedtls_net_context;
