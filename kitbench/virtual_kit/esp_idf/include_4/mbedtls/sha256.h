/* SPDX-License-Identifier: Apache-2.0 */
/* The names of mbedTLS 2, which ESP-IDF 4 has, of what returns an error. */
#pragma once

#include_next "mbedtls/sha256.h"

#define mbedtls_sha256_starts_ret mbedtls_sha256_starts
#define mbedtls_sha256_update_ret mbedtls_sha256_update
#define mbedtls_sha256_finish_ret mbedtls_sha256_finish
#define mbedtls_sha256_ret mbedtls_sha256
