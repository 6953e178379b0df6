/* SPDX-License-Identifier: Apache-2.0 */
/* What the scan and the settings know of the station. */
#pragma once

#include <stdbool.h>

#define KIT_WIFI_SIGNAL_DBM (-42)
#define KIT_WIFI_BSSID {0x02, 0x6b, 0x69, 0x74, 0x62, 0x01}

/** Whether the station is on, so that it can look for networks. */
bool kit_wifi_scans(void);

/** Whether esp_wifi_init() was called, and whether the radio is on. */
bool kit_wifi_is_initialised(void);
bool kit_wifi_is_started(void);
