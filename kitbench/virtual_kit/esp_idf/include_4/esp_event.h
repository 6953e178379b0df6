/* SPDX-License-Identifier: Apache-2.0 */
/* Event loops with the legacy one, which ESP-IDF 5 has dropped. */
#pragma once

#include_next <esp_event.h>

#include "esp_event_legacy.h"
