/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

#include "esp_err.h"

/** What an AHT20 has measured: degrees Celsius, and relative humidity in percent. */
typedef struct {
    float temperature;
    float humidity;
} aht20_reading_t;

/**
 * @brief Set up I2C and make sure that the sensor is calibrated
 *
 * @return ESP_OK, or ESP_FAIL when no sensor answers
 */
esp_err_t aht20_begin(int sda_pin, int scl_pin);

/**
 * @brief Measure; takes a tenth of a second
 *
 * @return ESP_OK, ESP_FAIL when the sensor does not answer, ESP_ERR_TIMEOUT when it is still busy,
 *         ESP_ERR_INVALID_CRC when a bit was lost
 */
esp_err_t aht20_measure(aht20_reading_t *reading);
