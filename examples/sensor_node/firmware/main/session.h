/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

#include <stdbool.h>

#include "esp_err.h"

/* Connect to AWS IoT with this device's certificate, and listen for commands; the client reconnects by itself. */
esp_err_t session_start(void);

/* Publish one reading (JSON); false while there is no connection. */
bool session_publish(const char *reading);
