/* SPDX-License-Identifier: Apache-2.0 */
/* What a station finds: the kit's access point under the name that the app looks for or joins, and nothing else. */
#include <string.h>
#include "esp_wifi.h"
#include "freertos/timers.h"
#include "kit/host.h"
#include "wifi.h"

/* All 13 channels with the default times. */
#define SCAN_MS 1500
#define CHANNEL 6
#define ANY_NAME "kitbench"

static TimerHandle_t s_timer;
static bool s_scanning;
static bool s_found;
static uint8_t s_scans;
static wifi_ap_record_t s_record;

static void describe(const uint8_t *name)
{
    const uint8_t bssid[6] = KIT_WIFI_BSSID;
    wifi_config_t joined;
    esp_wifi_get_config(WIFI_IF_STA, &joined);
    s_record = (wifi_ap_record_t){
        .primary = CHANNEL,
        .rssi = KIT_WIFI_SIGNAL_DBM,
        .authmode = WIFI_AUTH_WPA2_PSK,
        .pairwise_cipher = WIFI_CIPHER_TYPE_CCMP,
        .group_cipher = WIFI_CIPHER_TYPE_CCMP,
        .phy_11b = 1,
        .phy_11g = 1,
        .phy_11n = 1,
    };
    memcpy(s_record.bssid, bssid, sizeof(bssid));
    const bool is_asked = name != NULL && name[0] != 0;
    if (!is_asked) {
        name = joined.sta.ssid[0] != 0 ? joined.sta.ssid : (const uint8_t *)ANY_NAME;
    }
    char only[sizeof(s_record.ssid)];
    if (kit_wifi_name(only) > 0) {
        s_found = s_found && (!is_asked || strncmp(only, (const char *)name, sizeof(only)) == 0);
        name = (const uint8_t *)only;
    }
    memcpy(s_record.ssid, name, strnlen((const char *)name, sizeof(s_record.ssid) - 1));
}

static void finish(TimerHandle_t timer)
{
    (void)timer;
    if (!s_scanning) {
        return;
    }
    s_scanning = false;
    wifi_event_sta_scan_done_t event = {.status = 0, .number = s_found ? 1 : 0, .scan_id = s_scans++};
    esp_event_post(WIFI_EVENT, WIFI_EVENT_SCAN_DONE, &event, sizeof(event), portMAX_DELAY);
}

esp_err_t esp_wifi_scan_start(const wifi_scan_config_t *config, bool block)
{
    if (!kit_wifi_scans()) {
        return ESP_ERR_WIFI_NOT_STARTED;
    }
    if (s_scanning) {
        return ESP_ERR_WIFI_STATE;
    }
    if (s_timer == NULL) {
        s_timer = xTimerCreate("wifi scan", pdMS_TO_TICKS(SCAN_MS), pdFALSE, NULL, finish);
    }
    if (s_timer == NULL) {
        return ESP_ERR_NO_MEM;
    }
    const uint8_t channel = config != NULL ? config->channel : 0;
    s_found = kit_access_points() > 0 && (channel == 0 || channel == CHANNEL);
    describe(config != NULL ? config->ssid : NULL);
    s_scanning = true;
    if (block) {
        vTaskDelay(pdMS_TO_TICKS(SCAN_MS));
        finish(s_timer);
        return ESP_OK;
    }
    return xTimerReset(s_timer, portMAX_DELAY) == pdPASS ? ESP_OK : ESP_ERR_NO_MEM;
}

esp_err_t esp_wifi_scan_stop(void)
{
    s_scanning = false;
    return kit_wifi_scans() ? ESP_OK : ESP_ERR_WIFI_NOT_STARTED;
}

esp_err_t esp_wifi_scan_get_ap_num(uint16_t *number)
{
    if (number == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *number = s_found && !s_scanning ? 1 : 0;
    return kit_wifi_scans() ? ESP_OK : ESP_ERR_WIFI_NOT_STARTED;
}

esp_err_t esp_wifi_scan_get_ap_records(uint16_t *number, wifi_ap_record_t *ap_records)
{
    if (number == NULL || ap_records == NULL || *number == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    if (!kit_wifi_scans()) {
        return ESP_ERR_WIFI_NOT_STARTED;
    }
    *number = s_found && !s_scanning ? 1 : 0;
    if (*number == 1) {
        ap_records[0] = s_record;
    }
    s_found = false; /* the list is handed out once */
    return ESP_OK;
}

esp_err_t esp_wifi_clear_ap_list(void)
{
    s_found = false;
    return kit_wifi_scans() ? ESP_OK : ESP_ERR_WIFI_NOT_STARTED;
}

esp_err_t esp_wifi_ap_get_sta_list(wifi_sta_list_t *sta)
{
    if (sta == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    memset(sta, 0, sizeof(*sta));
    return ESP_OK;
}
