/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "secure_element.h"

#include "sdkconfig.h"

ATCA_STATUS secure_element_open(void)
{
    cfg_ateccx08a_i2c_default.atcai2c.address = CONFIG_ATCA_I2C_ADDRESS;
    return atcab_init(&cfg_ateccx08a_i2c_default);
}

void secure_element_close(void)
{
    atcab_release();
}

ATCA_STATUS secure_element_read_locked(bool *is_locked)
{
    bool config_locked = false;
    bool data_locked = false;
    ATCA_STATUS status = atcab_is_locked(LOCK_ZONE_CONFIG, &config_locked);
    if (status == ATCA_SUCCESS) {
        status = atcab_is_locked(LOCK_ZONE_DATA, &data_locked);
    }
    *is_locked = config_locked && data_locked;
    return status;
}

ATCA_STATUS secure_element_sign(const uint8_t *message, size_t size, uint8_t signature[ATCA_SIG_SIZE])
{
    uint8_t digest[ATCA_SHA256_DIGEST_SIZE];
    ATCA_STATUS status = atcab_sha((uint16_t)size, message, digest);
    if (status != ATCA_SUCCESS) {
        return status;
    }
    return atcab_sign(SECURE_ELEMENT_SLOT, digest, signature);
}
