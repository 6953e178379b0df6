/* SPDX-License-Identifier: Apache-2.0 */
/* Deprecated in ESP-IDF 5, and still there. */
#pragma once

#include "esp_flash.h"
#include "spi_flash_mmap.h"
