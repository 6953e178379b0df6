/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "device_credentials.h"

extern const char aws_root_ca_pem_start[] asm("_binary_aws_root_ca_pem_start");
extern const char certificate_pem_crt_start[] asm("_binary_certificate_pem_crt_start");
extern const char private_pem_key_start[] asm("_binary_private_pem_key_start");

esp_err_t device_credentials_load(device_credentials_t *credentials)
{
    *credentials = (device_credentials_t) {
        .root_ca_pem = aws_root_ca_pem_start,
        .certificate_pem = certificate_pem_crt_start,
        .private_key_pem = private_pem_key_start,
        .use_secure_element = false,
    };
    return ESP_OK;
}
