/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "cryptoauthlib.h"
#include "kit/config.h"
#include "kit/host.h"

ATCAIfaceCfg cfg_ateccx08a_i2c_default = {
    .iface_type = ATCA_I2C_IFACE,
    .devtype = ATECC608A,
    .atcai2c = {.address = CONFIG_ATCA_I2C_ADDRESS, .bus = 0, .baud = 100000},
    .wake_delay = 1500,
    .rx_retries = 20,
};

static ATCA_STATUS plain(int32_t call)
{
    return (ATCA_STATUS)kit_atca(call, 0, 0, NULL, 0, NULL, 0);
}

static ATCA_STATUS ask(int32_t call, uint32_t first, void *answer, int32_t room)
{
    return answer == NULL ? ATCA_BAD_PARAM : (ATCA_STATUS)kit_atca(call, first, 0, NULL, 0, answer, room);
}

static ATCA_STATUS ask_flag(int32_t call, uint32_t first, bool *flag)
{
    uint8_t byte = 0;
    const ATCA_STATUS status = ask(call, first, &byte, 1);
    if (status == ATCA_SUCCESS) {
        *flag = byte != 0;
    }
    return status;
}

ATCA_STATUS atcab_init(ATCAIfaceCfg *cfg)
{
    if (cfg == NULL) {
        return ATCA_BAD_PARAM;
    }
    const uint32_t wires = (CONFIG_ATCA_I2C_SDA_PIN & 0xFF) | (CONFIG_ATCA_I2C_SCL_PIN & 0xFF) << 8;
    return (ATCA_STATUS)kit_atca(KIT_ATCA_INIT, wires | (uint32_t)(cfg->atcai2c.address & 0xFF) << 16, 0, NULL, 0, NULL,
                                 0);
}

ATCA_STATUS atcab_release(void)
{
    return plain(KIT_ATCA_RELEASE);
}

ATCA_STATUS atcab_wakeup(void)
{
    return plain(KIT_ATCA_WAKEUP);
}

ATCA_STATUS atcab_idle(void)
{
    return plain(KIT_ATCA_IDLE);
}

ATCA_STATUS atcab_sleep(void)
{
    return plain(KIT_ATCA_SLEEP);
}

ATCA_STATUS atcab_info(uint8_t *revision)
{
    return ask(KIT_ATCA_INFO, 0, revision, 4);
}

ATCA_STATUS atcab_read_serial_number(uint8_t *serial_number)
{
    return ask(KIT_ATCA_READ_SERIAL_NUMBER, 0, serial_number, ATCA_SERIAL_NUM_SIZE);
}

ATCA_STATUS atcab_read_config_zone(uint8_t *config_data)
{
    return ask(KIT_ATCA_READ_CONFIG_ZONE, 0, config_data, ATCA_ECC_CONFIG_SIZE);
}

ATCA_STATUS atcab_is_locked(uint8_t zone, bool *is_locked)
{
    return ask_flag(KIT_ATCA_IS_LOCKED, zone, is_locked);
}

ATCA_STATUS atcab_is_config_locked(bool *is_locked)
{
    return atcab_is_locked(LOCK_ZONE_CONFIG, is_locked);
}

ATCA_STATUS atcab_is_data_locked(bool *is_locked)
{
    return atcab_is_locked(LOCK_ZONE_DATA, is_locked);
}

ATCA_STATUS atcab_is_slot_locked(uint16_t slot, bool *is_locked)
{
    return ask_flag(KIT_ATCA_IS_SLOT_LOCKED, slot, is_locked);
}

ATCA_STATUS atcab_is_private(uint16_t slot, bool *is_private)
{
    return ask_flag(KIT_ATCA_IS_PRIVATE, slot, is_private);
}

ATCA_STATUS atcab_get_pubkey(uint16_t key_id, uint8_t *public_key)
{
    return ask(KIT_ATCA_GET_PUBKEY, key_id, public_key, ATCA_PUB_KEY_SIZE);
}

/* As in CryptoAuthLib, the public key is not wanted where `public_key` is NULL. */
ATCA_STATUS atcab_genkey(uint16_t key_id, uint8_t *public_key)
{
    uint8_t unwanted[ATCA_PUB_KEY_SIZE];
    return ask(KIT_ATCA_GENKEY, key_id, public_key != NULL ? public_key : unwanted, ATCA_PUB_KEY_SIZE);
}

ATCA_STATUS atcab_sign(uint16_t key_id, const uint8_t *msg, uint8_t *signature)
{
    if (msg == NULL || signature == NULL) {
        return ATCA_BAD_PARAM;
    }
    return (ATCA_STATUS)kit_atca(KIT_ATCA_SIGN, key_id, 0, msg, ATCA_SHA256_DIGEST_SIZE, signature, ATCA_SIG_SIZE);
}

ATCA_STATUS atcab_verify_extern(const uint8_t *message, const uint8_t *signature, const uint8_t *public_key,
                                bool *is_verified)
{
    if (message == NULL || signature == NULL || public_key == NULL || is_verified == NULL) {
        return ATCA_BAD_PARAM;
    }
    uint8_t all[ATCA_SHA256_DIGEST_SIZE + ATCA_SIG_SIZE + ATCA_PUB_KEY_SIZE];
    uint8_t verified = 0;
    memcpy(all, message, ATCA_SHA256_DIGEST_SIZE);
    memcpy(all + ATCA_SHA256_DIGEST_SIZE, signature, ATCA_SIG_SIZE);
    memcpy(all + ATCA_SHA256_DIGEST_SIZE + ATCA_SIG_SIZE, public_key, ATCA_PUB_KEY_SIZE);
    const ATCA_STATUS status =
        (ATCA_STATUS)kit_atca(KIT_ATCA_VERIFY_EXTERN, 0, 0, all, sizeof(all), &verified, sizeof(verified));
    *is_verified = status == ATCA_SUCCESS && verified != 0;
    return status;
}

ATCA_STATUS atcab_read_zone(uint8_t zone, uint16_t slot, uint8_t block, uint8_t offset, uint8_t *data, uint8_t len)
{
    if (data == NULL || slot > 15) {
        return ATCA_BAD_PARAM;
    }
    const uint32_t where = zone | (uint32_t)slot << 8 | (uint32_t)block << 16 | (uint32_t)offset << 24;
    return (ATCA_STATUS)kit_atca(KIT_ATCA_READ_ZONE, where, len, NULL, 0, data, len);
}

ATCA_STATUS atcab_random(uint8_t *rand_out)
{
    return ask(KIT_ATCA_RANDOM, 0, rand_out, 32);
}

ATCA_STATUS atcab_nonce(const uint8_t *num_in)
{
    return num_in == NULL ? ATCA_BAD_PARAM : (ATCA_STATUS)kit_atca(KIT_ATCA_NONCE, 0, 0, num_in, 32, NULL, 0);
}

ATCA_STATUS atcab_counter_read(uint16_t counter_id, uint32_t *counter_value)
{
    return ask(KIT_ATCA_COUNTER_READ, counter_id, counter_value, sizeof(*counter_value));
}

ATCA_STATUS atcab_counter_increment(uint16_t counter_id, uint32_t *counter_value)
{
    return ask(KIT_ATCA_COUNTER_INCREMENT, counter_id, counter_value, sizeof(*counter_value));
}

ATCA_STATUS atcab_sha(uint16_t length, const uint8_t *message, uint8_t *digest)
{
    if (message == NULL || digest == NULL) {
        return ATCA_BAD_PARAM;
    }
    return (ATCA_STATUS)kit_atca(KIT_ATCA_SHA, 0, 0, message, length, digest, ATCA_SHA256_DIGEST_SIZE);
}

ATCA_STATUS atcab_hw_sha2_256(const uint8_t *data, size_t data_size, uint8_t *digest)
{
    return data_size > UINT16_MAX ? ATCA_BAD_PARAM : atcab_sha((uint16_t)data_size, data, digest);
}
