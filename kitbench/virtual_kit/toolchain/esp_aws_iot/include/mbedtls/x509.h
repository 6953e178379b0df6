/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts without content. */
#pragma once

typedef struct {
    int unused;
} mbedtls_x509_crt;

typedef struct {
    int unused;
} mbedtls_pk_context;
