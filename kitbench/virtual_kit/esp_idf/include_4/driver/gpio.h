/* SPDX-License-Identifier: Apache-2.0 */
/* In ESP-IDF 4 the driver brings the ROM's functions along. */
#pragma once

#include_next <driver/gpio.h>

#include <rom/gpio.h>
