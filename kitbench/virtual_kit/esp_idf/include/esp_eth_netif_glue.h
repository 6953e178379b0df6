/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "esp_eth_driver.h"
#include "esp_netif.h" /* as applications find it, by way of the event handlers */

#ifdef __cplusplus
extern "C" {
#endif

typedef struct esp_eth_netif_glue_t *esp_eth_netif_glue_handle_t;

esp_eth_netif_glue_handle_t esp_eth_new_netif_glue(esp_eth_handle_t eth_hdl);

#ifdef __cplusplus
}
#endif
