/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ctype.h>
#include "esp_log.h"
#include "kit/host.h"

/* The boot loader's lines end at about this time; the app's go on from there. */
#define BOOT_LOADER_MS 130

struct tag_level {
    struct tag_level *next;
    esp_log_level_t level;
    char tag[];
};

esp_log_level_t esp_log_default_level = CONFIG_LOG_DEFAULT_LEVEL;
static struct tag_level *s_levels;
static vprintf_like_t s_vprintf = vprintf;

static struct tag_level *find(const char *tag)
{
    for (struct tag_level *entry = s_levels; entry != NULL; entry = entry->next) {
        if (strcmp(entry->tag, tag) == 0) {
            return entry;
        }
    }
    return NULL;
}

static void clear_levels(void)
{
    while (s_levels != NULL) {
        struct tag_level *entry = s_levels;
        s_levels = entry->next;
        free(entry);
    }
}

void esp_log_level_set(const char *tag, esp_log_level_t level)
{
    if (strcmp(tag, "*") == 0) {
        esp_log_default_level = level;
        clear_levels();
        return;
    }
    struct tag_level *entry = find(tag);
    if (entry == NULL) {
        entry = malloc(sizeof(*entry) + strlen(tag) + 1);
        if (entry == NULL) {
            return;
        }
        strcpy(entry->tag, tag);
        entry->next = s_levels;
        s_levels = entry;
    }
    entry->level = level;
}

esp_log_level_t esp_log_level_get(const char *tag)
{
    const struct tag_level *entry = find(tag);
    return entry != NULL ? entry->level : esp_log_default_level;
}

vprintf_like_t esp_log_set_vprintf(vprintf_like_t func)
{
    const vprintf_like_t before = s_vprintf;
    s_vprintf = func;
    return before;
}

uint32_t esp_log_timestamp(void)
{
    return (uint32_t)(kit_time_us() / 1000) + BOOT_LOADER_MS;
}

uint32_t esp_log_early_timestamp(void)
{
    return esp_log_timestamp();
}

char *esp_log_system_timestamp(void)
{
    static char text[24];
    const uint32_t ms = esp_log_timestamp();
    snprintf(text, sizeof(text), "%02u:%02u:%02u.%03u", (unsigned)(ms / 3600000), (unsigned)(ms / 60000 % 60),
             (unsigned)(ms / 1000 % 60), (unsigned)(ms % 1000));
    return text;
}

void esp_log_writev(esp_log_level_t level, const char *tag, const char *format, va_list args)
{
    if (level != ESP_LOG_NONE && level <= esp_log_level_get(tag)) {
        s_vprintf(format, args);
    }
}

void esp_log_write(esp_log_level_t level, const char *tag, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    esp_log_writev(level, tag, format, args);
    va_end(args);
}

#define BYTES_PER_LINE 16

void esp_log_buffer_hex_internal(const char *tag, const void *buffer, uint16_t length, esp_log_level_t level)
{
    const uint8_t *bytes = buffer;
    for (uint16_t start = 0; start < length; start += BYTES_PER_LINE) {
        char line[3 * BYTES_PER_LINE + 1] = "";
        for (uint16_t i = 0; i < BYTES_PER_LINE && start + i < length; i++) {
            sprintf(line + 3 * i, "%02x ", bytes[start + i]);
        }
        ESP_LOG_LEVEL(level, tag, "%s", line);
    }
}

void esp_log_buffer_char_internal(const char *tag, const void *buffer, uint16_t length, esp_log_level_t level)
{
    const char *text = buffer;
    for (uint16_t start = 0; start < length; start += BYTES_PER_LINE) {
        const int count = length - start < BYTES_PER_LINE ? length - start : BYTES_PER_LINE;
        ESP_LOG_LEVEL(level, tag, "%.*s", count, text + start);
    }
}

void esp_log_buffer_hexdump_internal(const char *tag, const void *buffer, uint16_t length, esp_log_level_t level)
{
    const uint8_t *bytes = buffer;
    for (uint16_t start = 0; start < length; start += BYTES_PER_LINE) {
        char hex[3 * BYTES_PER_LINE + 2] = "";
        char text[BYTES_PER_LINE + 1] = "";
        int at = 0;
        for (uint16_t i = 0; i < BYTES_PER_LINE; i++) {
            const bool there = start + i < length;
            at += sprintf(hex + at, i == BYTES_PER_LINE / 2 ? " " : "");
            at += there ? sprintf(hex + at, " %02x", bytes[start + i]) : sprintf(hex + at, "   ");
            if (there) {
                text[i] = isprint(bytes[start + i]) ? (char)bytes[start + i] : '.';
            }
        }
        ESP_LOG_LEVEL(level, tag, "%p  %s  |%s|", (const void *)(bytes + start), hex, text);
    }
}

int esp_rom_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int length = vprintf(format, args);
    va_end(args);
    return length;
}
