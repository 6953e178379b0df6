/* SPDX-License-Identifier: Apache-2.0 */
/* Logging, from the ESP-IDF 5.1 API reference ("Logging library"). Formatting happens in the app, with vsnprintf. */
#pragma once

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "kit/config.h"
#include "esp_rom_sys.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    ESP_LOG_NONE,
    ESP_LOG_ERROR,
    ESP_LOG_WARN,
    ESP_LOG_INFO,
    ESP_LOG_DEBUG,
    ESP_LOG_VERBOSE,
} esp_log_level_t;

typedef int (*vprintf_like_t)(const char *format, va_list args);

extern esp_log_level_t esp_log_default_level;

void esp_log_level_set(const char *tag, esp_log_level_t level);
esp_log_level_t esp_log_level_get(const char *tag);
vprintf_like_t esp_log_set_vprintf(vprintf_like_t func);
uint32_t esp_log_timestamp(void);
uint32_t esp_log_early_timestamp(void);
char *esp_log_system_timestamp(void);
void esp_log_write(esp_log_level_t level, const char *tag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void esp_log_writev(esp_log_level_t level, const char *tag, const char *format, va_list args);
void esp_log_buffer_hex_internal(const char *tag, const void *buffer, uint16_t length, esp_log_level_t level);
void esp_log_buffer_char_internal(const char *tag, const void *buffer, uint16_t length, esp_log_level_t level);
void esp_log_buffer_hexdump_internal(const char *tag, const void *buffer, uint16_t length, esp_log_level_t level);

#ifndef LOG_LOCAL_LEVEL
#define LOG_LOCAL_LEVEL CONFIG_LOG_MAXIMUM_LEVEL
#endif

#define LOG_COLOR_BLACK "30"
#define LOG_COLOR_RED "31"
#define LOG_COLOR_GREEN "32"
#define LOG_COLOR_BROWN "33"
#define LOG_COLOR_BLUE "34"
#define LOG_COLOR_PURPLE "35"
#define LOG_COLOR_CYAN "36"
#define LOG_COLOR(color) "\033[0;" color "m"
#define LOG_BOLD(color) "\033[1;" color "m"
#if CONFIG_LOG_COLORS
#define LOG_RESET_COLOR "\033[0m"
#define LOG_COLOR_E LOG_COLOR(LOG_COLOR_RED)
#define LOG_COLOR_W LOG_COLOR(LOG_COLOR_BROWN)
#define LOG_COLOR_I LOG_COLOR(LOG_COLOR_GREEN)
#else
#define LOG_RESET_COLOR ""
#define LOG_COLOR_E ""
#define LOG_COLOR_W ""
#define LOG_COLOR_I ""
#endif
#define LOG_COLOR_D ""
#define LOG_COLOR_V ""

#define LOG_FORMAT(letter, format) LOG_COLOR_##letter #letter " (%" PRIu32 ") %s: " format LOG_RESET_COLOR "\n"
#define LOG_SYSTEM_TIME_FORMAT(letter, format) LOG_COLOR_##letter #letter " (%s) %s: " format LOG_RESET_COLOR "\n"

#define KIT_LOG(level, letter, tag, format, ...) \
    esp_log_write(level, tag, LOG_FORMAT(letter, format), esp_log_timestamp(), tag, ##__VA_ARGS__)

#define ESP_LOG_LEVEL(level, tag, format, ...)                              \
    do {                                                                    \
        switch ((int)(level)) {                                             \
        case ESP_LOG_ERROR:                                                 \
            KIT_LOG(ESP_LOG_ERROR, E, tag, format, ##__VA_ARGS__);          \
            break;                                                          \
        case ESP_LOG_WARN:                                                  \
            KIT_LOG(ESP_LOG_WARN, W, tag, format, ##__VA_ARGS__);           \
            break;                                                          \
        case ESP_LOG_DEBUG:                                                 \
            KIT_LOG(ESP_LOG_DEBUG, D, tag, format, ##__VA_ARGS__);          \
            break;                                                          \
        case ESP_LOG_VERBOSE:                                               \
            KIT_LOG(ESP_LOG_VERBOSE, V, tag, format, ##__VA_ARGS__);        \
            break;                                                          \
        default:                                                            \
            KIT_LOG(ESP_LOG_INFO, I, tag, format, ##__VA_ARGS__);           \
        }                                                                   \
    } while (0)

#define KIT_LOG_LOCAL(level, letter, tag, format, ...)                      \
    do {                                                                    \
        if (LOG_LOCAL_LEVEL >= (level)) {                                   \
            KIT_LOG(level, letter, tag, format, ##__VA_ARGS__);             \
        }                                                                   \
    } while (0)

#define ESP_LOG_LEVEL_LOCAL(level, tag, format, ...)                        \
    do {                                                                    \
        if (LOG_LOCAL_LEVEL >= (level)) {                                   \
            ESP_LOG_LEVEL(level, tag, format, ##__VA_ARGS__);               \
        }                                                                   \
    } while (0)

#define ESP_LOGE(tag, format, ...) KIT_LOG_LOCAL(ESP_LOG_ERROR, E, tag, format, ##__VA_ARGS__)
#define ESP_LOGW(tag, format, ...) KIT_LOG_LOCAL(ESP_LOG_WARN, W, tag, format, ##__VA_ARGS__)
#define ESP_LOGI(tag, format, ...) KIT_LOG_LOCAL(ESP_LOG_INFO, I, tag, format, ##__VA_ARGS__)
#define ESP_LOGD(tag, format, ...) KIT_LOG_LOCAL(ESP_LOG_DEBUG, D, tag, format, ##__VA_ARGS__)
#define ESP_LOGV(tag, format, ...) KIT_LOG_LOCAL(ESP_LOG_VERBOSE, V, tag, format, ##__VA_ARGS__)
#define ESP_EARLY_LOGE ESP_LOGE
#define ESP_EARLY_LOGW ESP_LOGW
#define ESP_EARLY_LOGI ESP_LOGI
#define ESP_EARLY_LOGD ESP_LOGD
#define ESP_EARLY_LOGV ESP_LOGV
#define ESP_DRAM_LOGE ESP_LOGE
#define ESP_DRAM_LOGW ESP_LOGW
#define ESP_DRAM_LOGI ESP_LOGI
#define ESP_DRAM_LOGD ESP_LOGD
#define ESP_DRAM_LOGV ESP_LOGV

#define ESP_LOG_BUFFER_HEX_LEVEL(tag, buffer, length, level)                \
    do {                                                                    \
        if (LOG_LOCAL_LEVEL >= (level)) {                                   \
            esp_log_buffer_hex_internal(tag, buffer, length, level);        \
        }                                                                   \
    } while (0)
#define ESP_LOG_BUFFER_CHAR_LEVEL(tag, buffer, length, level)               \
    do {                                                                    \
        if (LOG_LOCAL_LEVEL >= (level)) {                                   \
            esp_log_buffer_char_internal(tag, buffer, length, level);       \
        }                                                                   \
    } while (0)
#define ESP_LOG_BUFFER_HEXDUMP(tag, buffer, length, level)                  \
    do {                                                                    \
        if (LOG_LOCAL_LEVEL >= (level)) {                                   \
            esp_log_buffer_hexdump_internal(tag, buffer, length, level);    \
        }                                                                   \
    } while (0)
#define ESP_LOG_BUFFER_HEX(tag, buffer, length) ESP_LOG_BUFFER_HEX_LEVEL(tag, buffer, length, ESP_LOG_INFO)
#define ESP_LOG_BUFFER_CHAR(tag, buffer, length) ESP_LOG_BUFFER_CHAR_LEVEL(tag, buffer, length, ESP_LOG_INFO)
#define esp_log_buffer_hex ESP_LOG_BUFFER_HEX
#define esp_log_buffer_char ESP_LOG_BUFFER_CHAR

#ifdef __cplusplus
}
#endif
