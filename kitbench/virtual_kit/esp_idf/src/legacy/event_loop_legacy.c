/* SPDX-License-Identifier: Apache-2.0 */
/* The legacy event loop of ESP-IDF 4: what the default loop brings goes to one callback, under its old name. */
#include <string.h>
#include "../../include_4/esp_event_legacy.h"
#include "esp_event.h"
#include "esp_log.h"

ESP_EVENT_DEFINE_BASE(SYSTEM_EVENT);

static const char *const TAG = "event";

static system_event_cb_t s_callback;
static void *s_context;
static bool s_initialised;

static const system_event_id_t OF_WIFI[] = {
    [WIFI_EVENT_WIFI_READY] = SYSTEM_EVENT_WIFI_READY,
    [WIFI_EVENT_SCAN_DONE] = SYSTEM_EVENT_SCAN_DONE,
    [WIFI_EVENT_STA_START] = SYSTEM_EVENT_STA_START,
    [WIFI_EVENT_STA_STOP] = SYSTEM_EVENT_STA_STOP,
    [WIFI_EVENT_STA_CONNECTED] = SYSTEM_EVENT_STA_CONNECTED,
    [WIFI_EVENT_STA_DISCONNECTED] = SYSTEM_EVENT_STA_DISCONNECTED,
    [WIFI_EVENT_STA_AUTHMODE_CHANGE] = SYSTEM_EVENT_STA_AUTHMODE_CHANGE,
    [WIFI_EVENT_AP_START] = SYSTEM_EVENT_AP_START,
    [WIFI_EVENT_AP_STOP] = SYSTEM_EVENT_AP_STOP,
    [WIFI_EVENT_AP_STACONNECTED] = SYSTEM_EVENT_AP_STACONNECTED,
    [WIFI_EVENT_AP_STADISCONNECTED] = SYSTEM_EVENT_AP_STADISCONNECTED,
};

static system_event_id_t id_of_wifi(int32_t id)
{
    return id >= 0 && (size_t)id < sizeof(OF_WIFI) / sizeof(OF_WIFI[0]) ? OF_WIFI[id] : SYSTEM_EVENT_MAX;
}

static system_event_id_t id_of_ip(int32_t id)
{
    switch (id) {
    case IP_EVENT_STA_GOT_IP:
        return SYSTEM_EVENT_STA_GOT_IP;
    case IP_EVENT_STA_LOST_IP:
        return SYSTEM_EVENT_STA_LOST_IP;
    case IP_EVENT_ETH_GOT_IP:
        return SYSTEM_EVENT_ETH_GOT_IP;
    case IP_EVENT_ETH_LOST_IP:
        return SYSTEM_EVENT_ETH_LOST_IP;
    default:
        return SYSTEM_EVENT_MAX;
    }
}

/* How much of an event's data the union has; what has none is posted without. */
static size_t size_of(system_event_id_t id)
{
    switch (id) {
    case SYSTEM_EVENT_STA_CONNECTED:
        return sizeof(system_event_sta_connected_t);
    case SYSTEM_EVENT_STA_DISCONNECTED:
        return sizeof(system_event_sta_disconnected_t);
    case SYSTEM_EVENT_SCAN_DONE:
        return sizeof(system_event_sta_scan_done_t);
    case SYSTEM_EVENT_STA_GOT_IP:
    case SYSTEM_EVENT_ETH_GOT_IP:
        return sizeof(system_event_sta_got_ip_t);
    default:
        return 0;
    }
}

static void tell(system_event_t *event)
{
    if (s_callback != NULL) {
        s_callback(s_context, event);
    }
}

static void on_default_loop(void *argument, esp_event_base_t base, int32_t id, void *data)
{
    (void)argument;
    if (base == SYSTEM_EVENT) {
        tell(data);
        return;
    }
    system_event_t event = {.event_id = base == WIFI_EVENT ? id_of_wifi(id) : id_of_ip(id)};
    if (data != NULL) {
        memcpy(&event.event_info, data, size_of(event.event_id));
    }
    if (event.event_id != SYSTEM_EVENT_MAX) {
        tell(&event);
    }
}

esp_err_t esp_event_loop_init(system_event_cb_t cb, void *ctx)
{
    if (s_initialised) {
        ESP_LOGE(TAG, "system event loop already initialized");
        return ESP_ERR_INVALID_STATE;
    }
    esp_err_t error = esp_event_loop_create_default();
    if (error != ESP_OK && error != ESP_ERR_INVALID_STATE) {
        return error;
    }
    const esp_event_base_t bases[] = {WIFI_EVENT, IP_EVENT, SYSTEM_EVENT};
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        error = esp_event_handler_register(bases[i], ESP_EVENT_ANY_ID, on_default_loop, NULL);
        if (error != ESP_OK) {
            return error;
        }
    }
    s_initialised = true;
    s_callback = cb;
    s_context = ctx;
    return ESP_OK;
}

esp_err_t esp_event_loop_deinit(void)
{
    if (!s_initialised) {
        ESP_LOGE(TAG, "system event loop not initialized");
        return ESP_ERR_INVALID_STATE;
    }
    const esp_event_base_t bases[] = {WIFI_EVENT, IP_EVENT, SYSTEM_EVENT};
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        esp_event_handler_unregister(bases[i], ESP_EVENT_ANY_ID, on_default_loop);
    }
    s_initialised = false;
    s_callback = NULL;
    return esp_event_loop_delete_default();
}

system_event_cb_t esp_event_loop_set_cb(system_event_cb_t cb, void *ctx)
{
    system_event_cb_t old = s_callback;
    s_callback = cb;
    s_context = ctx;
    return old;
}

esp_err_t esp_event_send(system_event_t *event)
{
    if (!s_initialised) {
        ESP_LOGE(TAG, "system event loop not initialized via esp_event_loop_init");
        return ESP_ERR_INVALID_STATE;
    }
    return esp_event_post(SYSTEM_EVENT, event->event_id, event, sizeof(*event), portMAX_DELAY);
}

/* The drivers of the stand-in handle their events themselves, whatever loop the app has. */
esp_err_t esp_event_process_default(system_event_t *event)
{
    return event->event_id < SYSTEM_EVENT_MAX ? ESP_OK : ESP_FAIL;
}

void esp_event_set_default_wifi_handlers(void)
{
}
