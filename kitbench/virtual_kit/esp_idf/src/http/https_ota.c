/* SPDX-License-Identifier: Apache-2.0 */
/* Updates over HTTPS: what the HTTP client reads is written into the other slot. */
#include "esp_https_ota.h"
#include <stdlib.h>
#include <string.h>
#include "esp_app_format.h"
#include "esp_event.h"
#include "esp_log.h"
#include "kit/host.h"

#define BUFFER_LEAST ((int)(sizeof(esp_image_header_t) + sizeof(esp_image_segment_header_t) + sizeof(esp_app_desc_t)))
#define MOST_REDIRECTIONS 10

ESP_EVENT_DEFINE_BASE(ESP_HTTPS_OTA_EVENT);

static const char *const TAG = "esp_https_ota";

enum state { BEGUN, WRITING, COMPLETE };

struct update {
    esp_http_client_handle_t client;
    const esp_partition_t *partition;
    esp_ota_handle_t handle;
    enum state state;
    bool is_bulk;
    int image_size;
    int written;
    int kept; /* of the image's head, which was read to be looked at */
    int buffer_size;
    char *buffer;
};

static void tell(esp_https_ota_event_t id, const void *data, size_t size)
{
    esp_event_post(ESP_HTTPS_OTA_EVENT, id, data, size, 0);
}

static bool is_verified(const esp_http_client_config_t *config)
{
    return config->cert_pem != NULL || config->use_global_ca_store || config->crt_bundle_attach != NULL;
}

static bool leads_on(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static esp_err_t connect_to_image(struct update *update)
{
    for (int i = 0; i < MOST_REDIRECTIONS; i++) {
        const esp_err_t error = esp_http_client_open(update->client, 0);
        if (error != ESP_OK) {
            ESP_LOGE(TAG, "Failed to open HTTP connection: %s", esp_err_to_name(error));
            return error;
        }
        const int64_t length = esp_http_client_fetch_headers(update->client);
        const int status = esp_http_client_get_status_code(update->client);
        if (length >= 0 && !leads_on(status)) {
            update->image_size = (int)length;
            if (status < 400) {
                return ESP_OK;
            }
            ESP_LOGE(TAG, "Server returned error status code, status code = %d", status);
            return ESP_FAIL;
        }
        esp_http_client_close(update->client);
        if (length < 0 || esp_http_client_set_redirection(update->client) != ESP_OK) {
            return ESP_FAIL;
        }
    }
    return ESP_ERR_HTTP_MAX_REDIRECT;
}

static void forget(struct update *update)
{
    esp_http_client_cleanup(update->client);
    free(update->buffer);
    free(update);
}

static esp_err_t begin(struct update *update, const esp_https_ota_config_t *config)
{
    const int told = config->http_config->buffer_size;
    update->is_bulk = config->bulk_flash_erase;
    update->buffer_size = told > BUFFER_LEAST ? told : BUFFER_LEAST;
    update->buffer = malloc((size_t)update->buffer_size);
    if (config->partial_http_download) {
        kit_lacks("esp_https_ota with partial_http_download");
    }
    if (update->buffer == NULL) {
        return ESP_ERR_NO_MEM;
    }
    update->client = esp_http_client_init(config->http_config);
    if (update->client == NULL) {
        return ESP_FAIL;
    }
    if (config->http_client_init_cb != NULL && config->http_client_init_cb(update->client) != ESP_OK) {
        ESP_LOGE(TAG, "http_client_init_cb returned an error");
        return ESP_FAIL;
    }
    const esp_err_t error = connect_to_image(update);
    if (error != ESP_OK) {
        ESP_LOGE(TAG, "Failed to establish HTTP connection");
        return error;
    }
    tell(ESP_HTTPS_OTA_CONNECTED, NULL, 0);
    update->partition = esp_ota_get_next_update_partition(NULL);
    if (update->partition == NULL) {
        ESP_LOGE(TAG, "Passive OTA partition not found");
        return ESP_FAIL;
    }
    ESP_LOGI(TAG, "Writing to partition subtype %d at offset 0x%x", (int)update->partition->subtype,
             (unsigned)update->partition->address);
    return ESP_OK;
}

esp_err_t esp_https_ota_begin(const esp_https_ota_config_t *ota_config, esp_https_ota_handle_t *handle)
{
    tell(ESP_HTTPS_OTA_START, NULL, 0);
    if (handle != NULL) {
        *handle = NULL;
    }
    if (handle == NULL || ota_config == NULL || ota_config->http_config == NULL) {
        ESP_LOGE(TAG, "esp_https_ota_begin: Invalid argument");
        return ESP_ERR_INVALID_ARG;
    }
    if (!is_verified(ota_config->http_config)) {
#if CONFIG_ESP_HTTPS_OTA_ALLOW_HTTP || CONFIG_OTA_ALLOW_HTTP
        ESP_LOGW(TAG, "Continuing with insecure option because CONFIG_ESP_HTTPS_OTA_ALLOW_HTTP is set.");
#else
        ESP_LOGE(TAG, "No option for server verification is enabled in esp_http_client config.");
        return ESP_ERR_INVALID_ARG;
#endif
    }
    struct update *update = calloc(1, sizeof(*update));
    if (update == NULL) {
        return ESP_ERR_NO_MEM;
    }
    const esp_err_t error = begin(update, ota_config);
    if (error != ESP_OK) {
        forget(update);
        return error;
    }
    *handle = update;
    return ESP_OK;
}

static esp_err_t read_head(struct update *update)
{
    if (update->kept == 0) {
        update->kept = esp_http_client_read(update->client, update->buffer, BUFFER_LEAST);
    }
    if (update->kept == BUFFER_LEAST) {
        return ESP_OK;
    }
    ESP_LOGE(TAG, "Complete headers were not received");
    update->kept = 0;
    return ESP_FAIL;
}

esp_err_t esp_https_ota_get_img_desc(esp_https_ota_handle_t https_ota_handle, esp_app_desc_t *new_app_info)
{
    struct update *update = https_ota_handle;
    tell(ESP_HTTPS_OTA_GET_IMG_DESC, NULL, 0);
    if (update == NULL || new_app_info == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (update->state != BEGUN || read_head(update) != ESP_OK) {
        return ESP_FAIL;
    }
    memcpy(new_app_info, update->buffer + BUFFER_LEAST - sizeof(*new_app_info), sizeof(*new_app_info));
    return ESP_OK;
}

static esp_err_t write_out(struct update *update, int size)
{
    const esp_err_t error = esp_ota_write(update->handle, update->buffer, (size_t)size);
    if (error != ESP_OK) {
        ESP_LOGE(TAG, "Error: esp_ota_write failed! err=0x%x", error);
        return error;
    }
    update->written += size;
    tell(ESP_HTTPS_OTA_WRITE_FLASH, &update->written, sizeof(update->written));
    return ESP_ERR_HTTPS_OTA_IN_PROGRESS;
}

static esp_err_t write_head(struct update *update)
{
    esp_err_t error = esp_ota_begin(update->partition, update->is_bulk ? OTA_SIZE_UNKNOWN : OTA_WITH_SEQUENTIAL_WRITES,
                                    &update->handle);
    if (error != ESP_OK) {
        ESP_LOGE(TAG, "esp_ota_begin failed (%s)", esp_err_to_name(error));
        return error;
    }
    update->state = WRITING;
    error = read_head(update);
    if (error != ESP_OK) {
        return error;
    }
    esp_image_header_t header;
    memcpy(&header, update->buffer, sizeof(header));
    tell(ESP_HTTPS_OTA_VERIFY_CHIP_ID, &header.chip_id, sizeof(header.chip_id));
    if (header.chip_id != ESP_CHIP_ID_ESP32) {
        ESP_LOGE(TAG, "Mismatch chip id, expected %d, found %d", ESP_CHIP_ID_ESP32, header.chip_id);
        return ESP_ERR_INVALID_VERSION;
    }
    return write_out(update, update->kept);
}

esp_err_t esp_https_ota_perform(esp_https_ota_handle_t https_ota_handle)
{
    struct update *update = https_ota_handle;
    if (update == NULL) {
        ESP_LOGE(TAG, "esp_https_ota_perform: Invalid argument");
        return ESP_ERR_INVALID_ARG;
    }
    if (update->state == BEGUN) {
        return write_head(update);
    }
    const int count = update->state == WRITING
                          ? esp_http_client_read(update->client, update->buffer, update->buffer_size)
                          : ESP_FAIL;
    if (count > 0) {
        return write_out(update, count);
    }
    if (count == -ESP_ERR_HTTP_EAGAIN) {
        return ESP_ERR_HTTPS_OTA_IN_PROGRESS;
    }
    if (count < 0 || !esp_http_client_is_complete_data_received(update->client)) {
        ESP_LOGE(TAG, "Connection closed before complete data was received!");
        return ESP_FAIL;
    }
    update->state = COMPLETE;
    return ESP_OK;
}

bool esp_https_ota_is_complete_data_received(esp_https_ota_handle_t https_ota_handle)
{
    const struct update *update = https_ota_handle;
    return update != NULL && esp_http_client_is_complete_data_received(update->client);
}

esp_err_t esp_https_ota_finish(esp_https_ota_handle_t https_ota_handle)
{
    struct update *update = https_ota_handle;
    if (update == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    const bool is_complete = update->state == COMPLETE;
    esp_err_t error = update->state != BEGUN ? esp_ota_end(update->handle) : ESP_OK;
    if (error == ESP_OK && is_complete) {
        error = esp_ota_set_boot_partition(update->partition);
        tell(ESP_HTTPS_OTA_UPDATE_BOOT_PARTITION, &update->partition->subtype, sizeof(update->partition->subtype));
    }
    forget(update);
    tell(ESP_HTTPS_OTA_FINISH, NULL, 0);
    return error;
}

esp_err_t esp_https_ota_abort(esp_https_ota_handle_t https_ota_handle)
{
    struct update *update = https_ota_handle;
    if (update == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    const esp_err_t error = update->state != BEGUN ? esp_ota_abort(update->handle) : ESP_OK;
    forget(update);
    tell(ESP_HTTPS_OTA_ABORT, NULL, 0);
    return error;
}

int esp_https_ota_get_image_len_read(esp_https_ota_handle_t https_ota_handle)
{
    const struct update *update = https_ota_handle;
    return update != NULL && update->state != BEGUN ? update->written : -1;
}

int esp_https_ota_get_status_code(esp_https_ota_handle_t https_ota_handle)
{
    const struct update *update = https_ota_handle;
    return update != NULL ? esp_http_client_get_status_code(update->client) : -1;
}

int esp_https_ota_get_image_size(esp_https_ota_handle_t https_ota_handle)
{
    const struct update *update = https_ota_handle;
    return update != NULL ? update->image_size : -1;
}

esp_err_t esp_https_ota(const esp_https_ota_config_t *ota_config)
{
    if (ota_config == NULL || ota_config->http_config == NULL) {
        ESP_LOGE(TAG, "esp_https_ota: Invalid argument");
        return ESP_ERR_INVALID_ARG;
    }
    esp_https_ota_handle_t handle = NULL;
    esp_err_t error = esp_https_ota_begin(ota_config, &handle);
    if (handle == NULL) {
        return ESP_FAIL;
    }
    while ((error = esp_https_ota_perform(handle)) == ESP_ERR_HTTPS_OTA_IN_PROGRESS) {
    }
    if (error != ESP_OK) {
        esp_https_ota_abort(handle);
        return error;
    }
    return esp_https_ota_finish(handle);
}

esp_err_t kit_https_ota_of_4(const esp_http_client_config_t *config)
{
    const esp_https_ota_config_t whole = {.http_config = config};
    return esp_https_ota(&whole);
}
