/* Publishes to a topic of its own, whatever the configuration says. */
#pragma once

#include "device_credentials.h"
#include "esp_err.h"
#include "sdkconfig.h"

#undef CONFIG_EXAMPLE_TOPIC
#define CONFIG_EXAMPLE_TOPIC "my_own_topic/esp32"

esp_err_t mqtt_session_start(const device_credentials_t *credentials);
void mqtt_session_wait_ready(void);
esp_err_t mqtt_session_publish(const char *payload, int qos);
