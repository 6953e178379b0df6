/* SPDX-License-Identifier: Apache-2.0 */
/* The legacy event loop, from the ESP-IDF 4.4 API reference ("Legacy Event Loop Library"): one callback for all. */
#pragma once

#include <stdint.h>
#include "esp_err.h"
#include "esp_event_base.h"
#include "esp_netif_types.h"
#include "esp_wifi_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SYSTEM_EVENT_WIFI_READY = 0,
    SYSTEM_EVENT_SCAN_DONE,
    SYSTEM_EVENT_STA_START,
    SYSTEM_EVENT_STA_STOP,
    SYSTEM_EVENT_STA_CONNECTED,
    SYSTEM_EVENT_STA_DISCONNECTED,
    SYSTEM_EVENT_STA_AUTHMODE_CHANGE,
    SYSTEM_EVENT_STA_GOT_IP,
    SYSTEM_EVENT_STA_LOST_IP,
    SYSTEM_EVENT_STA_BSS_RSSI_LOW,
    SYSTEM_EVENT_STA_WPS_ER_SUCCESS,
    SYSTEM_EVENT_STA_WPS_ER_FAILED,
    SYSTEM_EVENT_STA_WPS_ER_TIMEOUT,
    SYSTEM_EVENT_STA_WPS_ER_PIN,
    SYSTEM_EVENT_STA_WPS_ER_PBC_OVERLAP,
    SYSTEM_EVENT_AP_START,
    SYSTEM_EVENT_AP_STOP,
    SYSTEM_EVENT_AP_STACONNECTED,
    SYSTEM_EVENT_AP_STADISCONNECTED,
    SYSTEM_EVENT_AP_STAIPASSIGNED,
    SYSTEM_EVENT_AP_PROBEREQRECVED,
    SYSTEM_EVENT_ACTION_TX_STATUS,
    SYSTEM_EVENT_ROC_DONE,
    SYSTEM_EVENT_STA_BEACON_TIMEOUT,
    SYSTEM_EVENT_FTM_REPORT,
    SYSTEM_EVENT_GOT_IP6,
    SYSTEM_EVENT_ETH_START,
    SYSTEM_EVENT_ETH_STOP,
    SYSTEM_EVENT_ETH_CONNECTED,
    SYSTEM_EVENT_ETH_DISCONNECTED,
    SYSTEM_EVENT_ETH_GOT_IP,
    SYSTEM_EVENT_ETH_LOST_IP,
    SYSTEM_EVENT_MAX,
} system_event_id_t;

#define SYSTEM_EVENT_AP_STA_GOT_IP6 SYSTEM_EVENT_GOT_IP6

typedef wifi_event_sta_connected_t system_event_sta_connected_t;
typedef wifi_event_sta_disconnected_t system_event_sta_disconnected_t;
typedef wifi_event_sta_scan_done_t system_event_sta_scan_done_t;
typedef wifi_event_ap_staconnected_t system_event_ap_staconnected_t;
typedef wifi_event_ap_stadisconnected_t system_event_ap_stadisconnected_t;
typedef ip_event_got_ip_t system_event_sta_got_ip_t;

typedef union {
    system_event_sta_connected_t connected;
    system_event_sta_disconnected_t disconnected;
    system_event_sta_scan_done_t scan_done;
    system_event_sta_got_ip_t got_ip;
    system_event_ap_staconnected_t sta_connected;
    system_event_ap_stadisconnected_t sta_disconnected;
} system_event_info_t;

typedef struct {
    system_event_id_t event_id;
    system_event_info_t event_info;
} system_event_t;

typedef esp_err_t (*system_event_cb_t)(void *ctx, system_event_t *event);

esp_err_t esp_event_loop_init(system_event_cb_t cb, void *ctx);
esp_err_t esp_event_loop_deinit(void);
system_event_cb_t esp_event_loop_set_cb(system_event_cb_t cb, void *ctx);
esp_err_t esp_event_send(system_event_t *event);
esp_err_t esp_event_process_default(system_event_t *event);
void esp_event_set_default_wifi_handlers(void);

#ifdef __cplusplus
}
#endif
