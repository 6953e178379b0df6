/* SPDX-License-Identifier: Apache-2.0 */
/* FreeRTOS with the names that ESP-IDF 5 has dropped. */
#pragma once

#include_next <freertos/FreeRTOS.h>

#define portTICK_RATE_MS portTICK_PERIOD_MS
