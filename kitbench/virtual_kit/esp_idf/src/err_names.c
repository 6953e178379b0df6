/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "esp_err.h"
#include "esp_tls_errors.h"
#include "esp_wifi.h"
#include "nvs.h"

#define NAME(code) {code, #code}

static const struct {
    esp_err_t code;
    const char *name;
} s_names[] = {
    NAME(ESP_OK),
    NAME(ESP_FAIL),
    NAME(ESP_ERR_NO_MEM),
    NAME(ESP_ERR_INVALID_ARG),
    NAME(ESP_ERR_INVALID_STATE),
    NAME(ESP_ERR_INVALID_SIZE),
    NAME(ESP_ERR_NOT_FOUND),
    NAME(ESP_ERR_NOT_SUPPORTED),
    NAME(ESP_ERR_TIMEOUT),
    NAME(ESP_ERR_INVALID_RESPONSE),
    NAME(ESP_ERR_INVALID_CRC),
    NAME(ESP_ERR_INVALID_VERSION),
    NAME(ESP_ERR_INVALID_MAC),
    NAME(ESP_ERR_NOT_FINISHED),
    NAME(ESP_ERR_NOT_ALLOWED),
    NAME(ESP_ERR_NVS_BASE),
    NAME(ESP_ERR_NVS_NOT_INITIALIZED),
    NAME(ESP_ERR_NVS_NOT_FOUND),
    NAME(ESP_ERR_NVS_TYPE_MISMATCH),
    NAME(ESP_ERR_NVS_READ_ONLY),
    NAME(ESP_ERR_NVS_NOT_ENOUGH_SPACE),
    NAME(ESP_ERR_NVS_INVALID_NAME),
    NAME(ESP_ERR_NVS_INVALID_HANDLE),
    NAME(ESP_ERR_NVS_REMOVE_FAILED),
    NAME(ESP_ERR_NVS_KEY_TOO_LONG),
    NAME(ESP_ERR_NVS_PAGE_FULL),
    NAME(ESP_ERR_NVS_INVALID_STATE),
    NAME(ESP_ERR_NVS_INVALID_LENGTH),
    NAME(ESP_ERR_NVS_NO_FREE_PAGES),
    NAME(ESP_ERR_NVS_VALUE_TOO_LONG),
    NAME(ESP_ERR_NVS_PART_NOT_FOUND),
    NAME(ESP_ERR_NVS_NEW_VERSION_FOUND),
    NAME(ESP_ERR_WIFI_BASE),
    NAME(ESP_ERR_WIFI_NOT_INIT),
    NAME(ESP_ERR_WIFI_NOT_STARTED),
    NAME(ESP_ERR_WIFI_NOT_STOPPED),
    NAME(ESP_ERR_WIFI_IF),
    NAME(ESP_ERR_WIFI_MODE),
    NAME(ESP_ERR_WIFI_STATE),
    NAME(ESP_ERR_WIFI_CONN),
    NAME(ESP_ERR_WIFI_SSID),
    NAME(ESP_ERR_WIFI_PASSWORD),
    NAME(ESP_ERR_WIFI_NOT_CONNECT),
    NAME(ESP_ERR_ESP_TLS_CANNOT_RESOLVE_HOSTNAME),
    NAME(ESP_ERR_ESP_TLS_CANNOT_CREATE_SOCKET),
    NAME(ESP_ERR_ESP_TLS_FAILED_CONNECT_TO_HOST),
    NAME(ESP_ERR_ESP_TLS_CONNECTION_TIMEOUT),
    NAME(ESP_ERR_ESP_TLS_SE_FAILED),
    NAME(ESP_ERR_ESP_TLS_TCP_CLOSED_FIN),
    NAME(ESP_ERR_MBEDTLS_X509_CRT_PARSE_FAILED),
    NAME(ESP_ERR_MBEDTLS_SSL_SETUP_FAILED),
    NAME(ESP_ERR_MBEDTLS_PK_PARSE_KEY_FAILED),
    NAME(ESP_ERR_MBEDTLS_SSL_HANDSHAKE_FAILED),
};

const char *esp_err_to_name(esp_err_t code)
{
    for (size_t i = 0; i < sizeof(s_names) / sizeof(s_names[0]); i++) {
        if (s_names[i].code == code) {
            return s_names[i].name;
        }
    }
    return "UNKNOWN ERROR";
}

const char *esp_err_to_name_r(esp_err_t code, char *buf, size_t buflen)
{
    for (size_t i = 0; i < sizeof(s_names) / sizeof(s_names[0]); i++) {
        if (s_names[i].code == code) {
            snprintf(buf, buflen, "%s", s_names[i].name);
            return buf;
        }
    }
    snprintf(buf, buflen, "UNKNOWN ERROR 0x%x(%d)", (unsigned)code, code);
    return buf;
}
