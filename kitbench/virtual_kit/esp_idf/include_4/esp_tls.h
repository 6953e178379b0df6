/* SPDX-License-Identifier: Apache-2.0 */
/* What ESP-IDF 4 has beside ESP-TLS of 5. */
#pragma once

#include_next "esp_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

esp_tls_t *esp_tls_conn_new(const char *hostname, int hostlen, int port, const esp_tls_cfg_t *cfg);
void esp_tls_conn_delete(esp_tls_t *tls);

#ifdef __cplusplus
}
#endif
