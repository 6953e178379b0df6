/* SPDX-License-Identifier: Apache-2.0 */
/* SNTP as esp_netif wraps it: a start, and a wait for the first answer. */
#include "esp_log.h"
#include "esp_netif_sntp.h"
#include "freertos/semphr.h"

static const char *const TAG = "esp_netif_sntp";
static SemaphoreHandle_t s_synced;
static esp_sntp_time_cb_t s_callback;
static bool s_initialised;

static void on_time(struct timeval *now)
{
    if (s_callback != NULL) {
        s_callback(now);
    }
    if (s_synced != NULL) {
        xSemaphoreGive(s_synced);
    }
}

esp_err_t esp_netif_sntp_init(const esp_sntp_config_t *config)
{
    if (config == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (s_initialised) {
        ESP_LOGE(TAG, "esp_netif_sntp already initialized");
        return ESP_ERR_INVALID_STATE;
    }
    if (config->num_of_servers == 0 && !config->server_from_dhcp) {
        return ESP_ERR_INVALID_ARG;
    }
    s_synced = config->wait_for_sync ? xSemaphoreCreateBinary() : NULL;
    s_callback = config->sync_cb;
    s_initialised = true;
    sntp_set_time_sync_notification_cb(on_time);
    esp_sntp_setoperatingmode(SNTP_OPMODE_POLL);
    return config->start ? esp_netif_sntp_start() : ESP_OK;
}

esp_err_t esp_netif_sntp_start(void)
{
    if (!s_initialised) {
        return ESP_ERR_INVALID_STATE;
    }
    esp_sntp_init();
    return ESP_OK;
}

void esp_netif_sntp_deinit(void)
{
    if (!s_initialised) {
        return;
    }
    esp_sntp_stop();
    sntp_set_time_sync_notification_cb(NULL);
    if (s_synced != NULL) {
        vSemaphoreDelete(s_synced);
    }
    s_synced = NULL;
    s_initialised = false;
}

esp_err_t esp_netif_sntp_sync_wait(TickType_t tout)
{
    if (s_synced == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    return xSemaphoreTake(s_synced, tout) == pdTRUE ? ESP_OK : ESP_ERR_TIMEOUT;
}
