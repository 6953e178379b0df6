/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "console_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "driver/uart.h"
#include "esp_rom_crc.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "sdkconfig.h"

#define CONSOLE_UART ((uart_port_t)CONFIG_ESP_CONSOLE_UART_NUM)
#define RX_BUFFER_SIZE 1024
#define LINE_SIZE 512
#define REPLY_SIZE 1200 /* a certificate request in hex */
#define PREFIX "KB1 "
#define PREFIX_LENGTH (sizeof(PREFIX) - 1)
#define CRC_LENGTH 8

static char s_line[LINE_SIZE];
static char s_reply[REPLY_SIZE];

static uint32_t crc_of(const char *text, size_t length)
{
    return esp_rom_crc32_le(0, (const uint8_t *)text, length);
}

esp_err_t console_line_open(void)
{
    return uart_driver_install(CONSOLE_UART, RX_BUFFER_SIZE, 0, 0, NULL, 0);
}

void console_line_close(void)
{
    uart_wait_tx_done(CONSOLE_UART, portMAX_DELAY);
    uart_driver_delete(CONSOLE_UART);
}

static TickType_t ticks_left(TickType_t start, uint32_t timeout_ms)
{
    if (timeout_ms == UINT32_MAX) {
        return portMAX_DELAY;
    }
    TickType_t passed = xTaskGetTickCount() - start;
    TickType_t timeout = pdMS_TO_TICKS(timeout_ms);
    return passed < timeout ? timeout - passed : 0;
}

/* One line without its end; a line that is too long is cut, and then has no good checksum. */
static bool read_line(TickType_t start, uint32_t timeout_ms)
{
    size_t length = 0;
    for (;;) {
        char byte;
        if (uart_read_bytes(CONSOLE_UART, &byte, 1, ticks_left(start, timeout_ms)) != 1) {
            return false;
        }
        if (byte == '\n') {
            break;
        }
        if (byte != '\r' && length < LINE_SIZE - 1) {
            s_line[length++] = byte;
        }
    }
    s_line[length] = '\0';
    return true;
}

static bool has_good_checksum(void)
{
    size_t length = strlen(s_line);
    if (strncmp(s_line, PREFIX, PREFIX_LENGTH) != 0 || length < PREFIX_LENGTH + 1 + CRC_LENGTH) {
        return false;
    }
    size_t star = length - CRC_LENGTH - 1;
    char expected[CRC_LENGTH + 1];
    snprintf(expected, sizeof(expected), "%08" PRIx32, crc_of(s_line, star));
    if (s_line[star] != '*' || strcmp(s_line + star + 1, expected) != 0) {
        return false;
    }
    s_line[star] = '\0';
    return true;
}

bool console_line_receive(console_request_t *request, uint32_t timeout_ms)
{
    TickType_t start = xTaskGetTickCount();
    do {
        if (!read_line(start, timeout_ms)) {
            return false;
        }
    } while (!has_good_checksum());

    request->count = 0;
    char *rest = NULL;
    char *word = strtok_r(s_line + PREFIX_LENGTH, " ", &rest);
    while (word != NULL && request->count < CONSOLE_MAX_WORDS) {
        request->words[request->count++] = word;
        word = strtok_r(NULL, " ", &rest);
    }
    return true;
}

static void send_reply(size_t length)
{
    length += snprintf(s_reply + length, sizeof(s_reply) - length, "*%08" PRIx32 "\r\n", crc_of(s_reply, length));
    uart_write_bytes(CONSOLE_UART, s_reply, length);
}

void console_line_reply(const char *words)
{
    const char *format = words[0] != '\0' ? PREFIX "OK %s " : PREFIX "OK%s ";
    send_reply(snprintf(s_reply, sizeof(s_reply) - CRC_LENGTH - 4, format, words));
}

void console_line_reply_hex(const uint8_t *data, size_t size)
{
    static const char ok[] = PREFIX "OK ";
    size_t length = sizeof(ok) - 1;
    memcpy(s_reply, ok, length);
    console_format_hex(s_reply + length, data, size);
    length += 2 * size;
    s_reply[length++] = ' ';
    send_reply(length);
}

void console_line_reply_error(const char *what, int status)
{
    send_reply(snprintf(s_reply, sizeof(s_reply), PREFIX "ERR %s %02x ", what, (unsigned)(uint8_t)status));
}

static int nibble(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = digit != '\0' ? strchr(digits, digit) : NULL;
    return found != NULL ? (int)(found - digits) : -1;
}

size_t console_parse_hex(const char *text, uint8_t *data, size_t max_size)
{
    size_t length = strlen(text);
    if (length % 2 != 0 || length / 2 > max_size) {
        return 0;
    }
    for (size_t i = 0; i < length / 2; i++) {
        int high = nibble(text[2 * i]);
        int low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return 0;
        }
        data[i] = (uint8_t)(high << 4 | low);
    }
    return length / 2;
}

void console_format_hex(char *text, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        snprintf(text + 2 * i, 3, "%02x", data[i]);
    }
    text[2 * size] = '\0';
}
