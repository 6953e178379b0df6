/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cryptoauthlib.h"

#define CERTIFICATE_REQUEST_MAX_SIZE 512
#define COMMON_NAME_MAX_LENGTH 64 /* ub-common-name of RFC 5280 */

/**
 * @brief Write a PKCS #10 request for the key in slot 0, signed by the chip (RFC 2986)
 *
 * @param common_name of the subject, at most COMMON_NAME_MAX_LENGTH characters
 * @param[out] request DER
 * @param[out] size of the request
 * @return ATCA_SUCCESS, ATCA_SMALL_BUFFER, or CryptoAuthLib's status
 */
ATCA_STATUS certificate_request_write(const char *common_name, uint8_t request[CERTIFICATE_REQUEST_MAX_SIZE],
                                      size_t *size);
