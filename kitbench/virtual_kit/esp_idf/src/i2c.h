/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "driver/i2c.h"

/** Run what a command link holds on the bus at two pins: ESP_OK, ESP_FAIL where nothing acknowledged, ESP_ERR_NO_MEM. */
esp_err_t kit_i2c_run(int sda, int scl, i2c_cmd_handle_t commands);
