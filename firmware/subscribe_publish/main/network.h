/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

#include "esp_err.h"

/**
 * @brief Bring the network up and wait until the device has an address
 *
 * The backend is chosen in Kconfig: Wi-Fi station, or the Ethernet of QEMU. A connection that is lost later comes
 * back by itself. The default event loop must exist.
 *
 * @return ESP_OK, or what the driver said
 */
esp_err_t network_start(void);
