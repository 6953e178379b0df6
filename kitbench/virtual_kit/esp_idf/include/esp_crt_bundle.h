/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle of root certificates, from the ESP-IDF 5.1 API reference: named in a configuration, and refused by the
 * connection that would use it (docs/fidelity.md). */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

esp_err_t esp_crt_bundle_attach(void *conf);

#ifdef __cplusplus
}
#endif
