/* SPDX-License-Identifier: Apache-2.0 */
/* Time from the network: the virtual kit's access point tells the host's time as soon as there is an address. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { ESP_SNTP_OPMODE_POLL = 0, ESP_SNTP_OPMODE_LISTENONLY = 1 } esp_sntp_operatingmode_t;
typedef enum { SNTP_SYNC_MODE_IMMED = 0, SNTP_SYNC_MODE_SMOOTH } sntp_sync_mode_t;
typedef enum { SNTP_SYNC_STATUS_RESET = 0, SNTP_SYNC_STATUS_COMPLETED, SNTP_SYNC_STATUS_IN_PROGRESS } sntp_sync_status_t;
typedef void (*sntp_sync_time_cb_t)(struct timeval *tv);

#define SNTP_OPMODE_POLL ESP_SNTP_OPMODE_POLL

void esp_sntp_setoperatingmode(esp_sntp_operatingmode_t operating_mode);
void esp_sntp_setservername(uint8_t index, const char *server);
void esp_sntp_init(void);
void esp_sntp_stop(void);
bool esp_sntp_enabled(void);
sntp_sync_status_t sntp_get_sync_status(void);
void sntp_set_sync_mode(sntp_sync_mode_t sync_mode);
void sntp_set_time_sync_notification_cb(sntp_sync_time_cb_t callback);
void sntp_set_sync_interval(uint32_t interval_ms);
#define sntp_setoperatingmode esp_sntp_setoperatingmode
#define sntp_setservername esp_sntp_setservername
#define sntp_init esp_sntp_init
#define sntp_stop esp_sntp_stop

#ifdef __cplusplus
}
#endif
