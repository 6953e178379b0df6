/* SPDX-License-Identifier: Apache-2.0 */
/* Iterators as ESP-IDF 4 has them: returned, NULL at the end. */
#pragma once

#include_next "nvs.h"

#ifdef __cplusplus
extern "C" {
#endif

nvs_iterator_t kit_nvs_entry_find_4(const char *part_name, const char *namespace_name, nvs_type_t type);
nvs_iterator_t kit_nvs_entry_next_4(nvs_iterator_t iterator);
#define nvs_entry_find kit_nvs_entry_find_4
#define nvs_entry_next kit_nvs_entry_next_4

#ifdef __cplusplus
}
#endif
