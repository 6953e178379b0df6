/* SPDX-License-Identifier: Apache-2.0 */
/* What ESP-IDF adds to FreeRTOS and is modelled: tasks pinned to a core, which task.h declares. */
#pragma once

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
