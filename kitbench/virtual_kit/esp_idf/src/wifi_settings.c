/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of the radio: kept and given back, judged as the driver judges them; they change nothing of the network here. */
#include <string.h>
#include "esp_wifi.h"
#include "wifi.h"

#define POWER_LEAST 8 /* quarters of a dBm */
#define POWER_MOST 84
#define CHANNEL_MOST 14
#define PROTOCOLS (WIFI_PROTOCOL_11B | WIFI_PROTOCOL_11G | WIFI_PROTOCOL_11N | WIFI_PROTOCOL_LR)
#define BGN (WIFI_PROTOCOL_11B | WIFI_PROTOCOL_11G | WIFI_PROTOCOL_11N)
#define INTERFACES 2

static struct {
    uint8_t protocols;
    wifi_bandwidth_t bandwidth;
    uint16_t inactive_s;
} s_interfaces[INTERFACES] = {{BGN, WIFI_BW_HT40, 6}, {BGN, WIFI_BW_HT40, 300}};
static int8_t s_power = 80;
static uint8_t s_channel = 1;
static wifi_second_chan_t s_second = WIFI_SECOND_CHAN_NONE;
static wifi_country_t s_country = {
    .cc = "01", .schan = 1, .nchan = 11, .max_tx_power = 20, .policy = WIFI_COUNTRY_POLICY_AUTO};

static esp_err_t check(wifi_interface_t interface, bool is_valid)
{
    if (!kit_wifi_is_initialised()) {
        return ESP_ERR_WIFI_NOT_INIT;
    }
    if ((unsigned)interface >= INTERFACES) {
        return ESP_ERR_WIFI_IF;
    }
    return is_valid ? ESP_OK : ESP_ERR_INVALID_ARG;
}

esp_err_t esp_wifi_set_max_tx_power(int8_t power)
{
    if (!kit_wifi_is_started()) {
        return ESP_ERR_WIFI_NOT_STARTED;
    }
    if (power < POWER_LEAST || power > POWER_MOST) {
        return ESP_ERR_INVALID_ARG;
    }
    s_power = power;
    return ESP_OK;
}

esp_err_t esp_wifi_get_max_tx_power(int8_t *power)
{
    if (!kit_wifi_is_started()) {
        return ESP_ERR_WIFI_NOT_STARTED;
    }
    if (power == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *power = s_power;
    return ESP_OK;
}

esp_err_t esp_wifi_set_protocol(wifi_interface_t ifx, uint8_t protocol_bitmap)
{
    const esp_err_t error = check(ifx, protocol_bitmap != 0 && (protocol_bitmap & ~PROTOCOLS) == 0);
    if (error == ESP_OK) {
        s_interfaces[ifx].protocols = protocol_bitmap;
    }
    return error;
}

esp_err_t esp_wifi_get_protocol(wifi_interface_t ifx, uint8_t *protocol_bitmap)
{
    const esp_err_t error = check(ifx, protocol_bitmap != NULL);
    if (error == ESP_OK) {
        *protocol_bitmap = s_interfaces[ifx].protocols;
    }
    return error;
}

esp_err_t esp_wifi_set_bandwidth(wifi_interface_t ifx, wifi_bandwidth_t bw)
{
    const esp_err_t error = check(ifx, bw == WIFI_BW_HT20 || bw == WIFI_BW_HT40);
    if (error == ESP_OK) {
        s_interfaces[ifx].bandwidth = bw;
    }
    return error;
}

esp_err_t esp_wifi_get_bandwidth(wifi_interface_t ifx, wifi_bandwidth_t *bw)
{
    const esp_err_t error = check(ifx, bw != NULL);
    if (error == ESP_OK) {
        *bw = s_interfaces[ifx].bandwidth;
    }
    return error;
}

esp_err_t esp_wifi_set_channel(uint8_t primary, wifi_second_chan_t second)
{
    if (!kit_wifi_is_started()) {
        return kit_wifi_is_initialised() ? ESP_ERR_WIFI_NOT_STARTED : ESP_ERR_WIFI_NOT_INIT;
    }
    if (primary == 0 || primary > CHANNEL_MOST || (unsigned)second > WIFI_SECOND_CHAN_BELOW) {
        return ESP_ERR_INVALID_ARG;
    }
    s_channel = primary;
    s_second = second;
    return ESP_OK;
}

esp_err_t esp_wifi_get_channel(uint8_t *primary, wifi_second_chan_t *second)
{
    const esp_err_t error = check(WIFI_IF_STA, primary != NULL && second != NULL);
    if (error == ESP_OK) {
        *primary = s_channel;
        *second = s_second;
    }
    return error;
}

esp_err_t esp_wifi_set_country(const wifi_country_t *country)
{
    const esp_err_t error = check(WIFI_IF_STA, country != NULL && country->schan > 0 && country->nchan > 0 &&
                                                   country->schan + country->nchan - 1 <= CHANNEL_MOST);
    if (error == ESP_OK) {
        s_country = *country;
    }
    return error;
}

esp_err_t esp_wifi_get_country(wifi_country_t *country)
{
    const esp_err_t error = check(WIFI_IF_STA, country != NULL);
    if (error == ESP_OK) {
        *country = s_country;
    }
    return error;
}

esp_err_t esp_wifi_set_country_code(const char *country, bool ieee80211d_enabled)
{
    const esp_err_t error = check(WIFI_IF_STA, country != NULL && strlen(country) >= 2);
    if (error == ESP_OK) {
        memcpy(s_country.cc, country, 2);
        s_country.policy = ieee80211d_enabled ? WIFI_COUNTRY_POLICY_AUTO : WIFI_COUNTRY_POLICY_MANUAL;
    }
    return error;
}

esp_err_t esp_wifi_get_country_code(char *country)
{
    const esp_err_t error = check(WIFI_IF_STA, country != NULL);
    if (error == ESP_OK) {
        memcpy(country, s_country.cc, sizeof(s_country.cc));
    }
    return error;
}

esp_err_t esp_wifi_set_inactive_time(wifi_interface_t ifx, uint16_t sec)
{
    const esp_err_t error = check(ifx, sec >= (ifx == WIFI_IF_STA ? 3 : 10));
    if (error == ESP_OK) {
        s_interfaces[ifx].inactive_s = sec;
    }
    return error;
}

esp_err_t esp_wifi_get_inactive_time(wifi_interface_t ifx, uint16_t *sec)
{
    const esp_err_t error = check(ifx, sec != NULL);
    if (error == ESP_OK) {
        *sec = s_interfaces[ifx].inactive_s;
    }
    return error;
}
