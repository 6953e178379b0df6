/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "kit/host.h"
#include "nvs.h"
#include "nvs_flash.h"

esp_err_t nvs_flash_init_partition(const char *partition_label)
{
    return kit_nvs_init(partition_label);
}

esp_err_t nvs_flash_init(void)
{
    return kit_nvs_init(NVS_DEFAULT_PART_NAME);
}

esp_err_t nvs_flash_deinit_partition(const char *partition_label)
{
    return kit_nvs_deinit(partition_label);
}

esp_err_t nvs_flash_deinit(void)
{
    return kit_nvs_deinit(NVS_DEFAULT_PART_NAME);
}

esp_err_t nvs_flash_erase_partition(const char *part_name)
{
    return kit_nvs_erase(part_name);
}

esp_err_t nvs_flash_erase(void)
{
    return kit_nvs_erase(NVS_DEFAULT_PART_NAME);
}

esp_err_t nvs_open_from_partition(const char *part_name, const char *namespace_name, nvs_open_mode_t open_mode,
                                  nvs_handle_t *out_handle)
{
    if (part_name == NULL || namespace_name == NULL || out_handle == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    return kit_nvs_open(part_name, namespace_name, open_mode == NVS_READWRITE, out_handle);
}

esp_err_t nvs_open(const char *namespace_name, nvs_open_mode_t open_mode, nvs_handle_t *out_handle)
{
    return nvs_open_from_partition(NVS_DEFAULT_PART_NAME, namespace_name, open_mode, out_handle);
}

void nvs_close(nvs_handle_t handle)
{
    kit_nvs_close(handle);
}

esp_err_t nvs_commit(nvs_handle_t handle)
{
    return kit_nvs_commit(handle);
}

#define NUMBER(suffix, type, kind)                                                           \
    esp_err_t nvs_set_##suffix(nvs_handle_t handle, const char *key, type value)             \
    {                                                                                        \
        return kit_nvs_set(handle, key, kind, &value, sizeof(value));                        \
    }                                                                                        \
    esp_err_t nvs_get_##suffix(nvs_handle_t handle, const char *key, type *out_value)        \
    {                                                                                        \
        return kit_nvs_get(handle, key, kind, out_value, sizeof(*out_value));                \
    }

NUMBER(i8, int8_t, NVS_TYPE_I8)
NUMBER(u8, uint8_t, NVS_TYPE_U8)
NUMBER(i16, int16_t, NVS_TYPE_I16)
NUMBER(u16, uint16_t, NVS_TYPE_U16)
NUMBER(i32, int32_t, NVS_TYPE_I32)
NUMBER(u32, uint32_t, NVS_TYPE_U32)
NUMBER(i64, int64_t, NVS_TYPE_I64)
NUMBER(u64, uint64_t, NVS_TYPE_U64)

esp_err_t nvs_set_str(nvs_handle_t handle, const char *key, const char *value)
{
    return kit_nvs_set(handle, key, NVS_TYPE_STR, value, (uint32_t)strlen(value) + 1);
}

esp_err_t nvs_get_str(nvs_handle_t handle, const char *key, char *out_value, size_t *length)
{
    return kit_nvs_get(handle, key, NVS_TYPE_STR, out_value, (uintptr_t)length);
}

esp_err_t nvs_set_blob(nvs_handle_t handle, const char *key, const void *value, size_t length)
{
    return kit_nvs_set(handle, key, NVS_TYPE_BLOB, value, (uint32_t)length);
}

esp_err_t nvs_get_blob(nvs_handle_t handle, const char *key, void *out_value, size_t *length)
{
    return kit_nvs_get(handle, key, NVS_TYPE_BLOB, out_value, (uintptr_t)length);
}

esp_err_t nvs_erase_key(nvs_handle_t handle, const char *key)
{
    return key == NULL ? ESP_ERR_NVS_INVALID_NAME : kit_nvs_remove(handle, key);
}

esp_err_t nvs_erase_all(nvs_handle_t handle)
{
    return kit_nvs_remove(handle, NULL);
}
