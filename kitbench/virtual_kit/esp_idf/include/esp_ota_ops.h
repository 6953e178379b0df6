/* SPDX-License-Identifier: Apache-2.0 */
/* Only what tells about the running app: updates over the air are not modelled (docs/fidelity.md). */
#pragma once

#include "esp_app_desc.h"
#include "esp_partition.h"

const esp_partition_t *esp_ota_get_running_partition(void);
const esp_partition_t *esp_ota_get_boot_partition(void);
const esp_app_desc_t *esp_ota_get_app_description(void);
esp_err_t esp_ota_get_partition_description(const esp_partition_t *partition, esp_app_desc_t *app_desc);
esp_err_t esp_ota_mark_app_valid_cancel_rollback(void);
