/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that log and return or jump, from the ESP-IDF 5.1 guide "Error Handling". */
#pragma once

#include "esp_err.h"
#include "esp_log.h"

#define KIT_LOG_CHECK(tag, format, ...) ESP_LOGE(tag, "%s(%d): " format, __func__, __LINE__, ##__VA_ARGS__)

#define ESP_RETURN_ON_ERROR(x, tag, format, ...)                    \
    do {                                                            \
        const esp_err_t kit_rc_ = (x);                              \
        if (unlikely(kit_rc_ != ESP_OK)) {                          \
            KIT_LOG_CHECK(tag, format, ##__VA_ARGS__);              \
            return kit_rc_;                                         \
        }                                                           \
    } while (0)
#define ESP_GOTO_ON_ERROR(x, label, tag, format, ...)               \
    do {                                                            \
        const esp_err_t kit_rc_ = (x);                              \
        if (unlikely(kit_rc_ != ESP_OK)) {                          \
            KIT_LOG_CHECK(tag, format, ##__VA_ARGS__);              \
            ret = kit_rc_;                                          \
            goto label;                                             \
        }                                                           \
    } while (0)
#define ESP_RETURN_ON_FALSE(condition, code, tag, format, ...)      \
    do {                                                            \
        if (unlikely(!(condition))) {                               \
            KIT_LOG_CHECK(tag, format, ##__VA_ARGS__);              \
            return code;                                            \
        }                                                           \
    } while (0)
#define ESP_GOTO_ON_FALSE(condition, code, label, tag, format, ...) \
    do {                                                            \
        if (unlikely(!(condition))) {                               \
            KIT_LOG_CHECK(tag, format, ##__VA_ARGS__);              \
            ret = (code);                                           \
            goto label;                                             \
        }                                                           \
    } while (0)
#define ESP_RETURN_ON_ERROR_ISR ESP_RETURN_ON_ERROR
#define ESP_GOTO_ON_ERROR_ISR ESP_GOTO_ON_ERROR
#define ESP_RETURN_ON_FALSE_ISR ESP_RETURN_ON_FALSE
#define ESP_GOTO_ON_FALSE_ISR ESP_GOTO_ON_FALSE
