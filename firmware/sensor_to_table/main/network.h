/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

#include "esp_err.h"

/* Join the Wi-Fi network; returns when there is an address. The connection is kept up from then on. */
esp_err_t network_start(void);
