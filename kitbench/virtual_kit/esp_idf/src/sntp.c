/* SPDX-License-Identifier: Apache-2.0 */
#include "esp_sntp.h"
#include "freertos/FreeRTOS.h"
#include "freertos/timers.h"
#include "kit/host.h"

#define ANSWER_MS 100

static sntp_sync_time_cb_t s_callback;
static sntp_sync_status_t s_status = SNTP_SYNC_STATUS_RESET;
static TimerHandle_t s_timer;
static bool s_enabled;

static void answer(TimerHandle_t timer)
{
    (void)timer;
    if (!s_enabled || kit_access_points() == 0) {
        return;
    }
    const int64_t now_us = kit_wall_clock_us();
    struct timeval now = {.tv_sec = (time_t)(now_us / 1000000), .tv_usec = (suseconds_t)(now_us % 1000000)};
    settimeofday(&now, NULL);
    s_status = SNTP_SYNC_STATUS_COMPLETED;
    if (s_callback != NULL) {
        s_callback(&now);
    }
}

void esp_sntp_setoperatingmode(esp_sntp_operatingmode_t operating_mode)
{
    (void)operating_mode;
}

void esp_sntp_setservername(uint8_t index, const char *server)
{
    (void)index;
    (void)server;
}

void esp_sntp_init(void)
{
    s_enabled = true;
    if (s_timer == NULL) {
        s_timer = xTimerCreate("sntp", pdMS_TO_TICKS(ANSWER_MS), pdFALSE, NULL, answer);
    }
    xTimerStart(s_timer, portMAX_DELAY);
}

void esp_sntp_stop(void)
{
    s_enabled = false;
}

bool esp_sntp_enabled(void)
{
    return s_enabled;
}

/* As in lwIP, a completed synchronisation is told once. */
sntp_sync_status_t sntp_get_sync_status(void)
{
    const sntp_sync_status_t status = s_status;
    s_status = SNTP_SYNC_STATUS_RESET;
    return status;
}

void sntp_set_sync_mode(sntp_sync_mode_t sync_mode)
{
    (void)sync_mode;
}

void sntp_set_time_sync_notification_cb(sntp_sync_time_cb_t callback)
{
    s_callback = callback;
}

void sntp_set_sync_interval(uint32_t interval_ms)
{
    (void)interval_ms;
}
