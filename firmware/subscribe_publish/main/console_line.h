/*
 * SPDX-License-Identifier: Apache-2.0
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"

/* A request is "KB1 <words> *<crc>\n", a reply "KB1 OK[ <words>] *<crc>\r\n" or "KB1 ERR <what> <status> *<crc>\r\n".
 * <crc> is the CRC-32 of everything before the '*', as 8 lower-case hex digits. */
#define CONSOLE_MAX_WORDS 6

/** A request, cut into its words. */
typedef struct {
    int count;
    char *words[CONSOLE_MAX_WORDS];
} console_request_t;

/** @brief Take over the console's UART. */
esp_err_t console_line_open(void);

/** @brief Give the UART back. */
void console_line_close(void);

/**
 * @brief Wait for the next request with a good checksum; everything else is ignored
 *
 * @param[out] request valid until the next call
 * @param timeout_ms how long to wait; UINT32_MAX: for ever
 * @return false when none has come
 */
bool console_line_receive(console_request_t *request, uint32_t timeout_ms);

/** @brief Reply "OK", with the words unless they are empty. */
void console_line_reply(const char *words);

/** @brief Reply "OK" and bytes in hex. */
void console_line_reply_hex(const uint8_t *data, size_t size);

/** @brief Reply "ERR" with what failed, and a status. */
void console_line_reply_error(const char *what, int status);

/**
 * @brief Read bytes in hex
 *
 * @param text an even number of hex digits
 * @param[out] data the bytes
 * @param max_size of data
 * @return how many bytes, 0 when the text is none or too long
 */
size_t console_parse_hex(const char *text, uint8_t *data, size_t max_size);

/** @brief Write bytes in lower-case hex, ended by a NUL; `text` has room for 2 * size + 1 characters. */
void console_format_hex(char *text, const uint8_t *data, size_t size);
