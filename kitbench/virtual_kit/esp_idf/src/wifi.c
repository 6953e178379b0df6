/* SPDX-License-Identifier: Apache-2.0 */
/* The Wi-Fi station: the access point accepts everybody, or who knows the board's network; without one there is none. The access point that an app
 * opens itself has an address, and nobody joins it. */
#include <stdlib.h>
#include <string.h>
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "freertos/timers.h"
#include "kit/host.h"
#include "netif.h"
#include "wifi.h"

ESP_EVENT_DEFINE_BASE(WIFI_EVENT);

/* Joining takes about this long on the device; the clock factor shortens it. */
#define JOIN_MS 300
#define SCAN_MS 2400
#define STATION "WIFI_STA_DEF"
#define ACCESS_POINT "WIFI_AP_DEF"

static const char *const TAG = "wifi";
static const uint8_t BSSID[6] = KIT_WIFI_BSSID;

static bool s_initialised;
static bool s_started;
static bool s_connecting;
static bool s_connected;
static wifi_mode_t s_mode = WIFI_MODE_NULL;
static wifi_config_t s_config;
static wifi_config_t s_ap_config;
static wifi_ps_type_t s_power_save = WIFI_PS_MIN_MODEM;
static TimerHandle_t s_join_timer;

static esp_netif_t *station(void)
{
    return esp_netif_get_handle_from_ifkey(STATION);
}

static bool has_station(void)
{
    return s_mode == WIFI_MODE_STA || s_mode == WIFI_MODE_APSTA;
}

static bool has_access_point(void)
{
    return s_mode == WIFI_MODE_AP || s_mode == WIFI_MODE_APSTA;
}

bool kit_wifi_scans(void)
{
    return s_started && has_station();
}

static uint8_t ssid_length(void)
{
    return (uint8_t)strnlen((const char *)s_config.sta.ssid, sizeof(s_config.sta.ssid));
}

static void post_disconnected(uint8_t reason)
{
    wifi_event_sta_disconnected_t event = {.ssid_len = ssid_length(), .reason = reason};
    memcpy(event.ssid, s_config.sta.ssid, sizeof(event.ssid));
    esp_event_post(WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, &event, sizeof(event), portMAX_DELAY);
}

static void post_address(void)
{
    const esp_netif_ip_info_t address = {
        .ip.addr = ESP_IP4TOADDR(192, 168, 4, 2),
        .netmask.addr = ESP_IP4TOADDR(255, 255, 255, 0),
        .gw.addr = ESP_IP4TOADDR(192, 168, 4, 1),
    };
    if (station() != NULL) { /* no interface: no address, as on the device */
        kit_netif_up(station(), &address, address.gw, IP_EVENT_STA_GOT_IP);
    }
}

static void join(TimerHandle_t timer)
{
    (void)timer;
    if (!s_started || !s_connecting) {
        return;
    }
    s_connecting = false;
    if (kit_access_points() == 0) {
        post_disconnected(WIFI_REASON_NO_AP_FOUND);
        return;
    }
    const int32_t refusal = kit_wifi_refusal(s_config.sta.ssid, s_config.sta.password);
    if (refusal != 0) {
        post_disconnected((uint8_t)refusal);
        return;
    }
    s_connected = true;
    wifi_event_sta_connected_t event = {
        .ssid_len = ssid_length(), .channel = 6, .authmode = WIFI_AUTH_WPA2_PSK, .aid = 1};
    memcpy(event.ssid, s_config.sta.ssid, sizeof(event.ssid));
    memcpy(event.bssid, BSSID, sizeof(event.bssid));
    ESP_LOGI(TAG, "connected with %.32s, aid = 1, channel 6, BW20, bssid = " MACSTR, s_config.sta.ssid, MAC2STR(BSSID));
    esp_event_post(WIFI_EVENT, WIFI_EVENT_STA_CONNECTED, &event, sizeof(event), portMAX_DELAY);
    post_address();
}

esp_err_t esp_wifi_init(const wifi_init_config_t *config)
{
    if (config == NULL || config->magic != WIFI_INIT_CONFIG_MAGIC) {
        return ESP_ERR_INVALID_ARG;
    }
    if (s_join_timer == NULL) {
        s_join_timer = xTimerCreate("wifi join", pdMS_TO_TICKS(JOIN_MS), pdFALSE, NULL, join);
    }
    s_initialised = true;
    s_mode = WIFI_MODE_STA;
    return s_join_timer != NULL ? ESP_OK : ESP_ERR_NO_MEM;
}

esp_err_t esp_wifi_deinit(void)
{
    if (!s_initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if (s_started) {
        return ESP_ERR_WIFI_NOT_STOPPED;
    }
    s_initialised = false;
    return ESP_OK;
}

esp_err_t esp_wifi_set_mode(wifi_mode_t mode)
{
    if (!s_initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if (mode > WIFI_MODE_APSTA) {
        ESP_LOGE(TAG, "the virtual kit has a station and an access point only, see docs/fidelity.md");
        kit_lacks("Wi-Fi Aware (WIFI_MODE_NAN)");
        return ESP_ERR_NOT_SUPPORTED;
    }
    s_mode = mode;
    return ESP_OK;
}

esp_err_t esp_wifi_get_mode(wifi_mode_t *mode)
{
    *mode = s_mode;
    return s_initialised ? ESP_OK : ESP_ERR_WIFI_NOT_INIT;
}

esp_err_t esp_wifi_set_storage(wifi_storage_t storage)
{
    (void)storage;
    return s_initialised ? ESP_OK : ESP_ERR_WIFI_NOT_INIT;
}

/* An access point with a password has one of 8 characters at least. */
static bool is_valid(const wifi_ap_config_t *config)
{
    return config->authmode == WIFI_AUTH_OPEN ||
           strnlen((const char *)config->password, sizeof(config->password)) >= 8;
}

esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t *conf)
{
    if (!s_initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if (interface > WIFI_IF_AP || conf == NULL) {
        return interface > WIFI_IF_AP ? ESP_ERR_WIFI_IF : ESP_ERR_INVALID_ARG;
    }
    if (interface == WIFI_IF_STA ? !has_station() : !has_access_point()) {
        return ESP_ERR_WIFI_MODE;
    }
    if (interface == WIFI_IF_AP && !is_valid(&conf->ap)) {
        return ESP_ERR_WIFI_PASSWORD;
    }
    *(interface == WIFI_IF_STA ? &s_config : &s_ap_config) = *conf;
    return ESP_OK;
}

esp_err_t esp_wifi_get_config(wifi_interface_t interface, wifi_config_t *conf)
{
    if (interface > WIFI_IF_AP || conf == NULL) {
        return interface > WIFI_IF_AP ? ESP_ERR_WIFI_IF : ESP_ERR_INVALID_ARG;
    }
    *conf = interface == WIFI_IF_STA ? s_config : s_ap_config;
    return ESP_OK;
}

static void start_station(void)
{
    uint8_t mac[6];
    esp_read_mac(mac, ESP_MAC_WIFI_STA);
    ESP_LOGI(TAG, "mode : sta (" MACSTR ")", MAC2STR(mac));
    esp_event_post(WIFI_EVENT, WIFI_EVENT_STA_START, NULL, 0, portMAX_DELAY);
}

static void start_access_point(void)
{
    esp_netif_t *netif = esp_netif_get_handle_from_ifkey(ACCESS_POINT);
    uint8_t mac[6];
    esp_read_mac(mac, ESP_MAC_WIFI_SOFTAP);
    ESP_LOGI(TAG, "mode : softAP (" MACSTR ")", MAC2STR(mac));
    if (netif != NULL && !netif->is_static) {
        netif->ip.ip.addr = netif->ip.gw.addr = ESP_IP4TOADDR(192, 168, 4, 1);
        netif->ip.netmask.addr = ESP_IP4TOADDR(255, 255, 255, 0);
    }
    if (netif != NULL) {
        netif->up = true;
    }
    esp_event_post(WIFI_EVENT, WIFI_EVENT_AP_START, NULL, 0, portMAX_DELAY);
}

esp_err_t esp_wifi_start(void)
{
    if (!s_initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if (!s_started) {
        s_started = true;
        if (has_station()) {
            start_station();
        }
        if (has_access_point()) {
            start_access_point();
        }
    }
    return ESP_OK;
}

esp_err_t esp_wifi_stop(void)
{
    if (!s_initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if (s_started) {
        esp_wifi_disconnect();
        s_started = false;
        if (has_station()) {
            esp_event_post(WIFI_EVENT, WIFI_EVENT_STA_STOP, NULL, 0, portMAX_DELAY);
        }
        if (has_access_point()) {
            esp_event_post(WIFI_EVENT, WIFI_EVENT_AP_STOP, NULL, 0, portMAX_DELAY);
        }
    }
    return ESP_OK;
}

esp_err_t esp_wifi_connect(void)
{
    if (!s_initialised) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if (!s_started) {
        return ESP_ERR_WIFI_NOT_STARTED;
    }
    if (!has_station()) {
        return ESP_ERR_WIFI_MODE;
    }
    if (ssid_length() == 0) {
        return ESP_ERR_WIFI_SSID;
    }
    if (s_connecting || s_connected) {
        return ESP_ERR_WIFI_CONN;
    }
    s_connecting = true;
    xTimerChangePeriod(s_join_timer, pdMS_TO_TICKS(kit_access_points() > 0 ? JOIN_MS : SCAN_MS), portMAX_DELAY);
    return ESP_OK;
}

esp_err_t esp_wifi_disconnect(void)
{
    if (!s_started) {
        return ESP_ERR_WIFI_NOT_STARTED;
    }
    s_connecting = false;
    if (s_connected) {
        s_connected = false;
        if (station() != NULL) {
            station()->up = false;
        }
        post_disconnected(WIFI_REASON_ASSOC_LEAVE);
    }
    return ESP_OK;
}

esp_err_t esp_wifi_set_ps(wifi_ps_type_t type)
{
    s_power_save = type;
    return ESP_OK;
}

esp_err_t esp_wifi_get_ps(wifi_ps_type_t *type)
{
    *type = s_power_save;
    return ESP_OK;
}

bool kit_wifi_is_initialised(void)
{
    return s_initialised;
}

bool kit_wifi_is_started(void)
{
    return s_started;
}

esp_err_t esp_wifi_get_mac(wifi_interface_t ifx, uint8_t mac[6])
{
    return esp_read_mac(mac, ifx == WIFI_IF_STA ? ESP_MAC_WIFI_STA : ESP_MAC_WIFI_SOFTAP);
}

esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t *ap_info)
{
    if (!s_connected) {
        return ESP_ERR_WIFI_NOT_CONNECT;
    }
    memset(ap_info, 0, sizeof(*ap_info));
    memcpy(ap_info->bssid, BSSID, sizeof(ap_info->bssid));
    memcpy(ap_info->ssid, s_config.sta.ssid, ssid_length());
    ap_info->primary = 6;
    ap_info->rssi = KIT_WIFI_SIGNAL_DBM;
    ap_info->authmode = WIFI_AUTH_WPA2_PSK;
    return ESP_OK;
}

esp_err_t esp_wifi_sta_get_rssi(int *rssi)
{
    *rssi = KIT_WIFI_SIGNAL_DBM;
    return s_connected ? ESP_OK : ESP_FAIL;
}

esp_err_t esp_wifi_restore(void)
{
    memset(&s_config, 0, sizeof(s_config));
    return s_initialised ? ESP_OK : ESP_ERR_WIFI_NOT_INIT;
}

esp_netif_t *esp_netif_create_default_wifi_sta(void)
{
    return station() != NULL ? station() : kit_netif_new(STATION, "sta", ESP_MAC_WIFI_STA);
}

esp_netif_t *esp_netif_create_default_wifi_ap(void)
{
    esp_netif_t *netif = esp_netif_get_handle_from_ifkey(ACCESS_POINT);
    return netif != NULL ? netif : kit_netif_new(ACCESS_POINT, "ap", ESP_MAC_WIFI_SOFTAP);
}

void esp_netif_destroy_default_wifi(void *esp_netif)
{
    esp_netif_destroy(esp_netif);
}
