/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "device_credentials.h"

#include "device_certificate.h"
#include "esp_log.h"
#include "log_lines.h"
#include "provisioning_console.h"
#include "secure_element.h"

static const char *TAG = "credentials";

extern const char aws_root_ca_pem_start[] asm("_binary_aws_root_ca_pem_start");

static void report_secure_element(void)
{
    bool is_locked = false;
    ATCA_STATUS status = secure_element_open();
    if (status == ATCA_SUCCESS) {
        status = secure_element_read_locked(&is_locked);
    }
    if (status != ATCA_SUCCESS) {
        /* Go on: the console still answers, and TLS fails with a message of its own. */
        ESP_LOGE(TAG, LOG_LINE_NO_SECURE_ELEMENT, (unsigned)(uint8_t)status);
    } else if (!is_locked) {
        ESP_LOGE(TAG, LOG_LINE_SECURE_ELEMENT_UNLOCKED);
    }
}

esp_err_t device_credentials_load(device_credentials_t *credentials)
{
    const char *certificate = device_certificate_read();
    report_secure_element();
    if (certificate == NULL) {
        ESP_LOGW(TAG, LOG_LINE_NO_CERTIFICATE);
        provisioning_console_run();
        certificate = device_certificate_read();
    } else {
        provisioning_console_offer();
    }
    secure_element_close();

    *credentials = (device_credentials_t) {
        .root_ca_pem = aws_root_ca_pem_start,
        .certificate_pem = certificate,
        .private_key_pem = NULL,
        .use_secure_element = true,
    };
    return certificate != NULL ? ESP_OK : ESP_ERR_NOT_FOUND;
}
