/* SPDX-License-Identifier: Apache-2.0 */
/* The CryptoAuthLib calls that an application of the ATECC608A uses, as Microchip documents them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    ATCA_SUCCESS = 0,
    ATCA_WAKE_FAILED = -48,
    ATCA_CHECKMAC_VERIFY_FAILED = -47,
    ATCA_PARSE_ERROR = -46,
    ATCA_STATUS_CRC = -44,
    ATCA_STATUS_UNKNOWN = -43,
    ATCA_STATUS_ECC = -42,
    ATCA_FUNC_FAIL = -32,
    ATCA_GEN_FAIL = -31,
    ATCA_BAD_PARAM = -30,
    ATCA_INVALID_ID = -29,
    ATCA_INVALID_SIZE = -28,
    ATCA_RX_CRC_ERROR = -27,
    ATCA_RX_FAIL = -26,
    ATCA_RX_NO_RESPONSE = -25,
    ATCA_TX_TIMEOUT = -22,
    ATCA_RX_TIMEOUT = -21,
    ATCA_SMALL_BUFFER = -19,
    ATCA_COMM_FAIL = -16,
    ATCA_TIMEOUT = -15,
    ATCA_BAD_OPCODE = -14,
    ATCA_WAKE_SUCCESS = -13,
    ATCA_EXECUTION_ERROR = -12,
    ATCA_UNIMPLEMENTED = -11,
    ATCA_ASSERT_FAILURE = -10,
    ATCA_TX_FAIL = -9,
    ATCA_NOT_LOCKED = -8,
    ATCA_NO_DEVICES = -7,
    ATCA_NOT_INITIALIZED = -3,
};
typedef int ATCA_STATUS;

typedef enum {
    ATCA_I2C_IFACE = 0,
} ATCAIfaceType;

enum {
    ATSHA204A = 0,
    ATECC108A = 1,
    ATECC508A = 2,
    ATECC608A = 3,
    ATECC608B = 3,
    ATECC608 = 3,
    ATCA_DEV_UNKNOWN = 0x7E,
};
typedef uint8_t ATCADeviceType;

typedef struct {
    ATCAIfaceType iface_type;
    ATCADeviceType devtype;
    union {
        struct {
            uint8_t address;
            uint8_t slave_address;
            uint8_t bus;
            uint32_t baud;
        } atcai2c;
    };
    uint16_t wake_delay;
    int rx_retries;
    void *cfg_data;
} ATCAIfaceCfg;

extern ATCAIfaceCfg cfg_ateccx08a_i2c_default;

#define ATCA_BLOCK_SIZE 32
#define ATCA_WORD_SIZE 4
#define ATCA_SERIAL_NUM_SIZE 9
#define ATCA_PUB_KEY_SIZE 64
#define ATCA_ECCP256_PUBKEY_SIZE 64
#define ATCA_SIG_SIZE 64
#define ATCA_ECCP256_SIG_SIZE 64
#define ATCA_SHA256_DIGEST_SIZE 32
#define ATCA_ECC_CONFIG_SIZE 128
#define ATCA_ZONE_CONFIG 0x00
#define ATCA_ZONE_OTP 0x01
#define ATCA_ZONE_DATA 0x02
#define LOCK_ZONE_CONFIG 0x00
#define LOCK_ZONE_DATA 0x01

ATCA_STATUS atcab_init(ATCAIfaceCfg *cfg);
ATCA_STATUS atcab_release(void);
ATCA_STATUS atcab_wakeup(void);
ATCA_STATUS atcab_idle(void);
ATCA_STATUS atcab_sleep(void);
ATCA_STATUS atcab_info(uint8_t *revision);
ATCA_STATUS atcab_read_serial_number(uint8_t *serial_number);
ATCA_STATUS atcab_read_config_zone(uint8_t *config_data);
ATCA_STATUS atcab_is_locked(uint8_t zone, bool *is_locked);
ATCA_STATUS atcab_is_config_locked(bool *is_locked);
ATCA_STATUS atcab_is_data_locked(bool *is_locked);
ATCA_STATUS atcab_is_slot_locked(uint16_t slot, bool *is_locked);
ATCA_STATUS atcab_is_private(uint16_t slot, bool *is_private);
ATCA_STATUS atcab_get_pubkey(uint16_t key_id, uint8_t *public_key);
ATCA_STATUS atcab_genkey(uint16_t key_id, uint8_t *public_key);
ATCA_STATUS atcab_sign(uint16_t key_id, const uint8_t *msg, uint8_t *signature);
ATCA_STATUS atcab_verify_extern(const uint8_t *message, const uint8_t *signature, const uint8_t *public_key,
                                bool *is_verified);
ATCA_STATUS atcab_read_zone(uint8_t zone, uint16_t slot, uint8_t block, uint8_t offset, uint8_t *data, uint8_t len);
ATCA_STATUS atcab_random(uint8_t *rand_out);
ATCA_STATUS atcab_nonce(const uint8_t *num_in);
ATCA_STATUS atcab_counter_read(uint16_t counter_id, uint32_t *counter_value);
ATCA_STATUS atcab_counter_increment(uint16_t counter_id, uint32_t *counter_value);
ATCA_STATUS atcab_sha(uint16_t length, const uint8_t *message, uint8_t *digest);
ATCA_STATUS atcab_hw_sha2_256(const uint8_t *data, size_t data_size, uint8_t *digest);

#ifdef __cplusplus
}
#endif
