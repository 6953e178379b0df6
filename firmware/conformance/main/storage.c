/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "answer.h"
#include "nvs.h"
#include "nvs_flash.h"

static void answer_names(nvs_handle_t handle)
{
    nvs_handle_t other;
    uint8_t value = 0;
    ANSWER_ERROR("open no name", nvs_open("", NVS_READWRITE, &other));
    ANSWER_ERROR("open 16 characters", nvs_open("0123456789abcdef", NVS_READWRITE, &other));
    ANSWER_ERROR("open no partition", nvs_open_from_partition("none", "a", NVS_READWRITE, &other));
    ANSWER_ERROR("init no partition", nvs_flash_init_partition("none"));
    nvs_set_u8(handle, "123456789012345", 1);
    ANSWER_ERROR("same key, 16 characters", nvs_get_u8(handle, "1234567890123456", &value));
    ANSWER_ERROR("empty key", nvs_set_u8(handle, "", 1));
}

static void answer_types(nvs_handle_t handle)
{
    uint8_t byte = 0;
    nvs_set_u32(handle, "k", 0xdeadbeef);
    ANSWER_ERROR("other type", nvs_set_u8(handle, "k", 7));
    ANSWER_ERROR("other type hidden", nvs_get_u8(handle, "k", &byte));
    ANSWER_ERROR("first type erased", nvs_erase_key(handle, "k"));
    ANSWER_ERROR("other type found", nvs_get_u8(handle, "k", &byte));
    nvs_set_str(handle, "s", "text");
    ANSWER_ERROR("no length", nvs_get_str(handle, "s", NULL, NULL));
}

static void answer_handles(nvs_handle_t handle)
{
    uint8_t byte = 0;
    nvs_close(handle);
    ANSWER_ERROR("commit closed", nvs_commit(handle));
    nvs_open("lab", NVS_READWRITE, &handle);
    ANSWER_ERROR("deinit", nvs_flash_deinit());
    ANSWER_ERROR("get after deinit", nvs_get_u8(handle, "k", &byte));
    ANSWER_ERROR("open after deinit", nvs_open("lab", NVS_READWRITE, &handle));
    ANSWER_ERROR("deinit again", nvs_flash_deinit());
}

void answer_storage(void)
{
    nvs_handle_t handle = 0;
    ANSWER_ERROR("open before init", nvs_open("lab", NVS_READWRITE, &handle));
    nvs_flash_erase();
    nvs_flash_init();
    nvs_open("lab", NVS_READWRITE, &handle);
    answer_names(handle);
    answer_types(handle);
    answer_handles(handle);
}
