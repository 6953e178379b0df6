/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cryptoauthlib.h"

/** The slot whose key esp-tls signs with, always. */
#define SECURE_ELEMENT_SLOT 0

/**
 * @brief Wake the ATECC608A and make it ready for the calls below
 *
 * @return ATCA_SUCCESS, or CryptoAuthLib's status
 */
ATCA_STATUS secure_element_open(void);

/** @brief Give the chip back; esp-tls opens it for itself. */
void secure_element_close(void);

/**
 * @brief Ask whether both zones are locked, without which the chip neither makes nor uses keys
 *
 * It is the first thing that goes over the bus: `secure_element_open` succeeds without a chip, too. A chip that
 * does not answer must never be called unlocked, or somebody will lock one for ever that was only wired wrongly.
 *
 * @param is_locked set only where the result is ATCA_SUCCESS
 */
ATCA_STATUS secure_element_read_locked(bool *is_locked);

/**
 * @brief Sign the SHA-256 of a message with the key in slot 0; the chip computes the digest, too
 *
 * @param message bytes to sign
 * @param size of the message
 * @param[out] signature r and s, 32 bytes each
 * @return ATCA_SUCCESS, or CryptoAuthLib's status
 */
ATCA_STATUS secure_element_sign(const uint8_t *message, size_t size, uint8_t signature[ATCA_SIG_SIZE]);
