/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "provisioning_console.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "certificate_request.h"
#include "console_line.h"
#include "esp_log.h"
#include "log_lines.h"
#include "sdkconfig.h"
#include "secure_element.h"

#define OFFER_MS 300
#define LABEL_MAX_LENGTH 32
#define NONCE_MAX_SIZE 64
#define READ_SIZE 32

/* Where the caller was wrong, as opposed to the chip. */
#define ERROR_REQUEST "REQUEST"
#define ERROR_SERIAL "SERIAL"

static const char *TAG = "console";

typedef struct {
    const char *verb;
    int words; /* with the verb */
    void (*answer)(const console_request_t *request);
} command_t;

static bool is_plain(const char *text, size_t max_length)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && strchr("-_.:", text[i]) == NULL) {
            return false;
        }
    }
    return length > 0 && length <= max_length;
}

static void reply_bytes(const char *what, ATCA_STATUS status, const uint8_t *data, size_t size)
{
    if (status == ATCA_SUCCESS) {
        console_line_reply_hex(data, size);
    } else {
        console_line_reply_error(what, status);
    }
}

static void answer_hello(const console_request_t *request)
{
    console_line_reply("");
}

static void answer_info(const console_request_t *request)
{
    uint8_t serial[ATCA_SERIAL_NUM_SIZE];
    uint8_t revision[4];
    bool config_locked = false;
    bool data_locked = false;
    ATCA_STATUS status = atcab_read_serial_number(serial);
    status = status != ATCA_SUCCESS ? status : atcab_info(revision);
    status = status != ATCA_SUCCESS ? status : atcab_is_locked(LOCK_ZONE_CONFIG, &config_locked);
    status = status != ATCA_SUCCESS ? status : atcab_is_locked(LOCK_ZONE_DATA, &data_locked);
    if (status != ATCA_SUCCESS) {
        console_line_reply_error("INFO", status);
        return;
    }
    char serial_hex[2 * sizeof(serial) + 1];
    char revision_hex[2 * sizeof(revision) + 1];
    char words[64];
    console_format_hex(serial_hex, serial, sizeof(serial));
    console_format_hex(revision_hex, revision, sizeof(revision));
    snprintf(words, sizeof(words), "%s %s %d %d", serial_hex, revision_hex, config_locked, data_locked);
    console_line_reply(words);
}

static void answer_config(const console_request_t *request)
{
    uint8_t config[ATCA_ECC_CONFIG_SIZE];
    ATCA_STATUS status = atcab_read_config_zone(config);
    reply_bytes("CONFIG", status, config, sizeof(config));
}

static void answer_public_key(const console_request_t *request)
{
    uint8_t public_key[ATCA_PUB_KEY_SIZE];
    ATCA_STATUS status = atcab_get_pubkey(SECURE_ELEMENT_SLOT, public_key);
    reply_bytes("PUB", status, public_key, sizeof(public_key));
}

/* Whether the key can be read is all that is told; what was read is never sent. */
static void answer_read(const console_request_t *request)
{
    uint8_t data[READ_SIZE];
    char words[4];
    ATCA_STATUS status = atcab_read_zone(ATCA_ZONE_DATA, SECURE_ELEMENT_SLOT, 0, 0, data, sizeof(data));
    memset(data, 0, sizeof(data));
    snprintf(words, sizeof(words), "%02x", (unsigned)(uint8_t)status);
    console_line_reply(words);
}

static void answer_request(const console_request_t *request)
{
    static uint8_t der[CERTIFICATE_REQUEST_MAX_SIZE];
    size_t size = 0;
    if (!is_plain(request->words[2], COMMON_NAME_MAX_LENGTH)) {
        console_line_reply_error(ERROR_REQUEST, ATCA_BAD_PARAM);
        return;
    }
    ATCA_STATUS status = certificate_request_write(request->words[2], der, &size);
    reply_bytes("CSR", status, der, size);
}

/* Signs SHA-256(label || nonce || serial): never a digest of the caller's choice. */
static void answer_sign(const console_request_t *request)
{
    const char *label = request->words[2];
    uint8_t message[LABEL_MAX_LENGTH + NONCE_MAX_SIZE + ATCA_SERIAL_NUM_SIZE];
    uint8_t signature[ATCA_SIG_SIZE];
    size_t label_length = strlen(label);
    if (!is_plain(label, LABEL_MAX_LENGTH)) {
        console_line_reply_error(ERROR_REQUEST, ATCA_BAD_PARAM);
        return;
    }
    memcpy(message, label, label_length);
    size_t nonce_size = console_parse_hex(request->words[3], message + label_length, NONCE_MAX_SIZE);
    if (nonce_size == 0) {
        console_line_reply_error(ERROR_REQUEST, ATCA_BAD_PARAM);
        return;
    }
    size_t size = label_length + nonce_size;
    ATCA_STATUS status = atcab_read_serial_number(message + size);
    if (status == ATCA_SUCCESS) {
        status = secure_element_sign(message, size + ATCA_SERIAL_NUM_SIZE, signature);
    }
    reply_bytes("SIGN", status, signature, sizeof(signature));
}

/* Destroys the key in slot 0: only for somebody who has read the serial number and types it back. */
static void answer_generate_key(const console_request_t *request)
{
    uint8_t serial[ATCA_SERIAL_NUM_SIZE];
    uint8_t typed[ATCA_SERIAL_NUM_SIZE];
    uint8_t public_key[ATCA_PUB_KEY_SIZE];
    ATCA_STATUS status = atcab_read_serial_number(serial);
    if (status != ATCA_SUCCESS) {
        console_line_reply_error("GENKEY", status);
        return;
    }
    if (console_parse_hex(request->words[2], typed, sizeof(typed)) != sizeof(typed)
            || memcmp(typed, serial, sizeof(serial)) != 0) {
        console_line_reply_error(ERROR_SERIAL, ATCA_BAD_PARAM);
        return;
    }
    status = atcab_genkey(SECURE_ELEMENT_SLOT, public_key);
    reply_bytes("GENKEY", status, public_key, sizeof(public_key));
}

static const command_t s_commands[] = {
    { "HELLO", 1, answer_hello },
    { "BOOT", 1, answer_hello },
    { "INFO", 1, answer_info },
    { "CONFIG", 1, answer_config },
    { "PUB", 2, answer_public_key },
    { "READ", 2, answer_read },
    { "CSR", 3, answer_request },
    { "SIGN", 4, answer_sign },
    { "GENKEY", 3, answer_generate_key },
};

static const command_t *find_command(const console_request_t *request)
{
    for (size_t i = 0; i < sizeof(s_commands) / sizeof(s_commands[0]); i++) {
        const command_t *command = &s_commands[i];
        bool is_slot_right = command->words == 1 || (request->count > 1 && strcmp(request->words[1], "0") == 0);
        if (request->count == command->words && is_slot_right && strcmp(request->words[0], command->verb) == 0) {
            return command;
        }
    }
    return NULL;
}

static void serve(void)
{
    for (;;) {
        console_request_t request;
        if (!console_line_receive(&request, UINT32_MAX)) {
            continue;
        }
        const command_t *command = find_command(&request);
        if (command == NULL) {
            console_line_reply_error(ERROR_REQUEST, ATCA_BAD_OPCODE);
            continue;
        }
        command->answer(&request);
        if (strcmp(command->verb, "BOOT") == 0) {
            return;
        }
    }
}

static void serve_without_log(void)
{
    ESP_LOGI(TAG, LOG_LINE_CONSOLE_READY);
    esp_log_level_set("*", ESP_LOG_NONE);
    serve();
    esp_log_level_set("*", CONFIG_LOG_DEFAULT_LEVEL);
}

void provisioning_console_run(void)
{
    ESP_ERROR_CHECK(console_line_open());
    serve_without_log();
    console_line_close();
}

void provisioning_console_offer(void)
{
    console_request_t request;
    ESP_ERROR_CHECK(console_line_open());
    ESP_LOGI(TAG, LOG_LINE_CONSOLE_WAITING);
    if (console_line_receive(&request, OFFER_MS) && request.count == 1 && strcmp(request.words[0], "HELLO") == 0) {
        console_line_reply("");
        serve_without_log();
    }
    console_line_close();
}
