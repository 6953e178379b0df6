/* SPDX-License-Identifier: Apache-2.0 */
/* What ESP-IDF 5 has taken out of esp_system.h: random numbers, addresses, the chip. */
#pragma once

#include_next <esp_system.h>

#include "esp_chip_info.h"
#include "esp_idf_version.h"
#include "esp_mac.h"
#include "esp_random.h"
