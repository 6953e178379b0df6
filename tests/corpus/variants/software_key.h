#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cryptoauthlib.h"

/** @brief Give X and Y of the key that is in no chip, as atcab_get_pubkey gives those of one that is. */
ATCA_STATUS software_key_public(uint16_t slot, uint8_t point[64]);

/** @brief Sign a SHA-256 with it, as atcab_sign does. */
ATCA_STATUS software_key_sign(uint16_t slot, const uint8_t digest[32], uint8_t signature[64]);

/** @brief Give it as PEM, for TLS. */
const char *software_key_pem(void);
