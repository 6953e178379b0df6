/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "esp_chip_info.h"
#include "esp_mac.h"
#include "esp_random.h"
#include "esp_rom_sys.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "kit/host.h"
#include "single_wire.h"

#define MOST_SHUTDOWN_HANDLERS 5

static shutdown_handler_t s_shutdown_handlers[MOST_SHUTDOWN_HANDLERS];

esp_err_t esp_register_shutdown_handler(shutdown_handler_t handle)
{
    for (int i = 0; i < MOST_SHUTDOWN_HANDLERS; i++) {
        if (s_shutdown_handlers[i] == handle) {
            return ESP_ERR_INVALID_STATE;
        }
        if (s_shutdown_handlers[i] == NULL) {
            s_shutdown_handlers[i] = handle;
            return ESP_OK;
        }
    }
    return ESP_ERR_NO_MEM;
}

esp_err_t esp_unregister_shutdown_handler(shutdown_handler_t handle)
{
    for (int i = 0; i < MOST_SHUTDOWN_HANDLERS; i++) {
        if (s_shutdown_handlers[i] == handle) {
            s_shutdown_handlers[i] = NULL;
            return ESP_OK;
        }
    }
    return ESP_ERR_INVALID_STATE;
}

void esp_restart(void)
{
    for (int i = MOST_SHUTDOWN_HANDLERS - 1; i >= 0; i--) {
        if (s_shutdown_handlers[i] != NULL) {
            s_shutdown_handlers[i]();
        }
    }
    fflush(stdout);
    kit_restart();
    __builtin_unreachable();
}

void esp_system_abort(const char *details)
{
    kit_panic(KIT_PANIC_TEXT, details, (int32_t)strlen(details));
    __builtin_unreachable();
}

esp_reset_reason_t esp_reset_reason(void)
{
    return (esp_reset_reason_t)kit_reset_reason();
}

uint32_t esp_random(void)
{
    uint32_t value;
    kit_random(&value, sizeof(value));
    return value;
}

void esp_fill_random(void *buf, size_t len)
{
    kit_random(buf, (int32_t)len);
}

esp_err_t esp_efuse_mac_get_default(uint8_t *mac)
{
    kit_mac(mac);
    return ESP_OK;
}

esp_err_t esp_base_mac_addr_get(uint8_t *mac)
{
    return esp_efuse_mac_get_default(mac);
}

esp_err_t esp_base_mac_addr_set(const uint8_t *mac)
{
    (void)mac;
    kit_lacks("a MAC address of the firmware's choice");
    return ESP_ERR_NOT_SUPPORTED;
}

/* The chip derives one address for each interface from the factory address. */
esp_err_t esp_read_mac(uint8_t *mac, esp_mac_type_t type)
{
    if (mac == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    kit_mac(mac);
    switch (type) {
    case ESP_MAC_WIFI_STA:
    case ESP_MAC_BASE:
    case ESP_MAC_EFUSE_FACTORY:
        return ESP_OK;
    case ESP_MAC_WIFI_SOFTAP:
        mac[5] += 1;
        return ESP_OK;
    case ESP_MAC_BT:
        mac[5] += 2;
        return ESP_OK;
    case ESP_MAC_ETH:
        mac[5] += 3;
        return ESP_OK;
    default:
        return ESP_ERR_NOT_SUPPORTED;
    }
}

void esp_chip_info(esp_chip_info_t *out_info)
{
    *out_info = (esp_chip_info_t){
        .model = CHIP_ESP32,
        .features = CHIP_FEATURE_WIFI_BGN | CHIP_FEATURE_BT | CHIP_FEATURE_BLE,
        .revision = 300,
        .cores = 2,
    };
}

void esp_rom_delay_us(uint32_t us)
{
    if (kit_wire_delay(us)) {
        return;
    }
    const int64_t end = kit_time_us() + us;
    while (kit_time_us() < end) {
    }
}
