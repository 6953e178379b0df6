/* SPDX-License-Identifier: Apache-2.0 */
/* In ESP-IDF 4 the simple update takes the client's configuration alone. */
#pragma once

#include_next <esp_https_ota.h>

#define esp_https_ota(config) kit_https_ota_of_4(config)

#ifdef __cplusplus
extern "C" {
#endif

esp_err_t kit_https_ota_of_4(const esp_http_client_config_t *config);

#ifdef __cplusplus
}
#endif
