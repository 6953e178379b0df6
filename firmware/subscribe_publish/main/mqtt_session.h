/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

#include "device_credentials.h"
#include "esp_err.h"

/**
 * @brief Start the MQTT client; it connects in the background
 *
 * @param credentials what to connect with; must stay valid
 * @return ESP_OK, or ESP_FAIL when there is no memory
 */
esp_err_t mqtt_session_start(const device_credentials_t *credentials);

/**
 * @brief Wait until the client is connected and subscribed
 *
 * Connects again, with back-off, as often as the connection is lost.
 */
void mqtt_session_wait_ready(void);

/**
 * @brief Publish to the example's topic
 *
 * @param payload text
 * @param qos 0 or 1
 * @return ESP_OK when the message has left, ESP_FAIL when it has not
 */
esp_err_t mqtt_session_publish(const char *payload, int qos);
