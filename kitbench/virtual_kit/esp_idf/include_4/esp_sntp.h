/* SPDX-License-Identifier: Apache-2.0 */
/* As in time.h: the callback's time is of 32 bits. */
#pragma once

#include_next <esp_sntp.h>

#ifdef __cplusplus
extern "C" {
#endif

void sntp_set_time_sync_notification_cb(sntp_sync_time_cb_t callback) __asm__("kit4_sntp_set_callback");

#ifdef __cplusplus
}
#endif
