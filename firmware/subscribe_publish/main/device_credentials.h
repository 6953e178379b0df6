/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

#include <stdbool.h>

#include "esp_err.h"

/** What the device proves its identity with; the strings live as long as the program. */
typedef struct {
    const char *root_ca_pem;     /*!< whom the device trusts */
    const char *certificate_pem; /*!< the device's certificate */
    const char *private_key_pem; /*!< its key; NULL where the key lives in the secure element */
    bool use_secure_element;     /*!< TLS signs with slot 0 of the secure element */
} device_credentials_t;

/**
 * @brief Load the credentials
 *
 * The backend is chosen in Kconfig: embedded files, or an ATECC608A. The latter may enter the provisioning console,
 * and then returns only when the console is left.
 *
 * @param[out] credentials what to connect with
 * @return ESP_OK, ESP_ERR_NOT_FOUND without a certificate, or what the driver said
 */
esp_err_t device_credentials_load(device_credentials_t *credentials);
