/* SPDX-License-Identifier: Apache-2.0 */
/* Today's spi_flash_mmap.h and esp_flash.h. */
#pragma once

#include "esp_flash.h"
#include "spi_flash_mmap.h"
