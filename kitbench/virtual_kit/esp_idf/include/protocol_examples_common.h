/* SPDX-License-Identifier: Apache-2.0 */
/* The helper of ESP-IDF's examples: join the configured network and wait for an address. */
#pragma once

#include "esp_err.h"
#include "esp_netif.h"

#ifdef __cplusplus
extern "C" {
#endif

#define EXAMPLE_INTERFACE get_example_netif()

esp_err_t example_connect(void);
esp_err_t example_disconnect(void);
esp_netif_t *get_example_netif(void);

#ifdef __cplusplus
}
#endif
