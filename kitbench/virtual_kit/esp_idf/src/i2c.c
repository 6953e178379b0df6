/* SPDX-License-Identifier: Apache-2.0 */
/* I2C as far as a master sees it on a bus without parts: the driver's states, and no acknowledgement. */
#include <stdlib.h>
#include "driver/i2c.h"
#include "esp_log.h"
#include "kit/host.h"

#define SCL_MOST_HZ 1000000

/* A command link: how many steps it has, and whether one of them wants an acknowledgement. */
struct link {
    int steps;
    bool wants_ack;
};

static const char *const TAG = "i2c";
static bool s_configured[I2C_NUM_MAX];
static bool s_installed[I2C_NUM_MAX];

static bool is_port(i2c_port_t port)
{
    return port >= 0 && port < I2C_NUM_MAX;
}

esp_err_t i2c_param_config(i2c_port_t i2c_num, const i2c_config_t *i2c_conf)
{
    if (!is_port(i2c_num) || i2c_conf == NULL || !GPIO_IS_VALID_OUTPUT_GPIO(i2c_conf->sda_io_num) ||
        !GPIO_IS_VALID_OUTPUT_GPIO(i2c_conf->scl_io_num) || i2c_conf->sda_io_num == i2c_conf->scl_io_num ||
        (i2c_conf->mode == I2C_MODE_MASTER &&
         (i2c_conf->master.clk_speed == 0 || i2c_conf->master.clk_speed > SCL_MOST_HZ))) {
        ESP_LOGE(TAG, "i2c_param_config(%d): i2c pins or speed wrong", __LINE__);
        return ESP_ERR_INVALID_ARG;
    }
    s_configured[i2c_num] = true;
    return ESP_OK;
}

esp_err_t i2c_driver_install(i2c_port_t i2c_num, i2c_mode_t mode, size_t slv_rx_buf_len, size_t slv_tx_buf_len,
                             int intr_alloc_flags)
{
    (void)slv_rx_buf_len, (void)slv_tx_buf_len, (void)intr_alloc_flags;
    if (!is_port(i2c_num)) {
        return ESP_ERR_INVALID_ARG;
    }
    if (mode != I2C_MODE_MASTER) {
        ESP_LOGE(TAG, "the virtual kit has no I2C slave (docs/fidelity.md)");
        kit_lacks("an I2C slave");
        return ESP_ERR_NOT_SUPPORTED;
    }
    if (s_installed[i2c_num]) {
        ESP_LOGE(TAG, "i2c_driver_install(%d): i2c driver install error", __LINE__);
        return ESP_FAIL;
    }
    s_installed[i2c_num] = true;
    return ESP_OK;
}

esp_err_t i2c_driver_delete(i2c_port_t i2c_num)
{
    if (!is_port(i2c_num) || !s_installed[i2c_num]) {
        return ESP_ERR_INVALID_ARG;
    }
    s_installed[i2c_num] = false;
    return ESP_OK;
}

i2c_cmd_handle_t i2c_cmd_link_create(void)
{
    return calloc(1, sizeof(struct link));
}

void i2c_cmd_link_delete(i2c_cmd_handle_t cmd_handle)
{
    free(cmd_handle);
}

static esp_err_t step(i2c_cmd_handle_t handle, bool wants_ack)
{
    struct link *link = handle;
    if (link == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    link->steps++;
    link->wants_ack |= wants_ack;
    return ESP_OK;
}

esp_err_t i2c_master_start(i2c_cmd_handle_t cmd_handle)
{
    return step(cmd_handle, false);
}

esp_err_t i2c_master_write_byte(i2c_cmd_handle_t cmd_handle, uint8_t data, bool ack_en)
{
    (void)data;
    return step(cmd_handle, ack_en);
}

esp_err_t i2c_master_write(i2c_cmd_handle_t cmd_handle, const uint8_t *data, size_t data_len, bool ack_en)
{
    return data == NULL || data_len == 0 ? ESP_ERR_INVALID_ARG : step(cmd_handle, ack_en);
}

/* A bus that nobody pulls down reads as ones. */
esp_err_t i2c_master_read(i2c_cmd_handle_t cmd_handle, uint8_t *data, size_t data_len, i2c_ack_type_t ack)
{
    if (data == NULL || data_len == 0 || (unsigned)ack >= I2C_MASTER_ACK_MAX) {
        return ESP_ERR_INVALID_ARG;
    }
    return step(cmd_handle, false);
}

esp_err_t i2c_master_read_byte(i2c_cmd_handle_t cmd_handle, uint8_t *data, i2c_ack_type_t ack)
{
    return i2c_master_read(cmd_handle, data, 1, ack);
}

esp_err_t i2c_master_stop(i2c_cmd_handle_t cmd_handle)
{
    return step(cmd_handle, false);
}

esp_err_t i2c_master_cmd_begin(i2c_port_t i2c_num, i2c_cmd_handle_t cmd_handle, TickType_t ticks_to_wait)
{
    (void)ticks_to_wait;
    const struct link *link = cmd_handle;
    if (!is_port(i2c_num) || link == NULL || link->steps == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    if (!s_installed[i2c_num]) {
        ESP_LOGE(TAG, "i2c_master_cmd_begin(%d): i2c driver not installed", __LINE__);
        return ESP_ERR_INVALID_STATE;
    }
    if (!s_configured[i2c_num]) {
        return ESP_ERR_TIMEOUT; /* no pins: the bus hangs */
    }
    return link->wants_ack ? ESP_FAIL : ESP_OK;
}

/* All three address a device, which does not acknowledge. */
static esp_err_t address_device(i2c_port_t port, const void *buffer, size_t size)
{
    struct link link = {.steps = 1, .wants_ack = true};
    return buffer == NULL || size == 0 ? ESP_ERR_INVALID_ARG : i2c_master_cmd_begin(port, &link, 0);
}

esp_err_t i2c_master_write_to_device(i2c_port_t i2c_num, uint8_t device_address, const uint8_t *write_buffer,
                                     size_t write_size, TickType_t ticks_to_wait)
{
    (void)device_address, (void)ticks_to_wait;
    return address_device(i2c_num, write_buffer, write_size);
}

esp_err_t i2c_master_read_from_device(i2c_port_t i2c_num, uint8_t device_address, uint8_t *read_buffer,
                                      size_t read_size, TickType_t ticks_to_wait)
{
    (void)device_address, (void)ticks_to_wait;
    return address_device(i2c_num, read_buffer, read_size);
}

esp_err_t i2c_master_write_read_device(i2c_port_t i2c_num, uint8_t device_address, const uint8_t *write_buffer,
                                       size_t write_size, uint8_t *read_buffer, size_t read_size,
                                       TickType_t ticks_to_wait)
{
    (void)device_address, (void)ticks_to_wait;
    const esp_err_t error = address_device(i2c_num, write_buffer, write_size);
    return error != ESP_FAIL ? error : address_device(i2c_num, read_buffer, read_size);
}
