/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

#include <stdbool.h>

#include "esp_err.h"

/** Connect to AWS IoT with this device's certificate, and print what arrives; the client reconnects by itself. */
esp_err_t session_start(void);

/** Publish a message (JSON); false while there is no connection. */
bool session_publish(const char *message);
