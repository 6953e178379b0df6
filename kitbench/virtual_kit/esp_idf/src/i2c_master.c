/* SPDX-License-Identifier: Apache-2.0 */
/* The I2C master of ESP-IDF 5.2 and later, over the scripts of the older driver (src/i2c.c). */
#include "driver/i2c_master.h"
#include <stdlib.h>
#include "esp_log.h"
#include "i2c.h"
#include "kit/host.h"

#define SPEED_MOST_HZ 400000

struct i2c_master_bus_t {
    i2c_port_num_t port;
    int sda;
    int scl;
    int devices;
};

struct i2c_master_dev_t {
    i2c_master_bus_handle_t bus;
    uint8_t address;
    bool checks_ack;
};

static const char *const TAG = "i2c.master";
static i2c_master_bus_handle_t s_buses[SOC_I2C_NUM];

static i2c_port_num_t free_port(i2c_port_num_t wanted)
{
    for (i2c_port_num_t port = 0; port < SOC_I2C_NUM; port++) {
        if (s_buses[port] == NULL && (wanted == -1 || wanted == port)) {
            return port;
        }
    }
    return -1;
}

esp_err_t i2c_new_master_bus(const i2c_master_bus_config_t *bus_config, i2c_master_bus_handle_t *ret_bus_handle)
{
    if (bus_config == NULL || ret_bus_handle == NULL || bus_config->i2c_port < -1 ||
        bus_config->i2c_port >= SOC_I2C_NUM || !GPIO_IS_VALID_OUTPUT_GPIO(bus_config->sda_io_num) ||
        !GPIO_IS_VALID_OUTPUT_GPIO(bus_config->scl_io_num) || bus_config->sda_io_num == bus_config->scl_io_num) {
        ESP_LOGE(TAG, "i2c_new_master_bus(%d): invalid SDA/SCL pin number", __LINE__);
        return ESP_ERR_INVALID_ARG;
    }
    if (bus_config->trans_queue_depth > 0) {
        ESP_LOGE(TAG, "the virtual kit has no asynchronous I2C transactions (docs/fidelity.md)");
        kit_lacks("asynchronous I2C transactions");
        return ESP_ERR_NOT_SUPPORTED;
    }
    const i2c_port_num_t port = free_port(bus_config->i2c_port);
    if (port < 0) {
        ESP_LOGE(TAG, "I2C bus id(%d) has already been acquired", bus_config->i2c_port);
        return bus_config->i2c_port == -1 ? ESP_ERR_NOT_FOUND : ESP_ERR_INVALID_STATE;
    }
    i2c_master_bus_handle_t bus = calloc(1, sizeof(*bus));
    if (bus == NULL) {
        return ESP_ERR_NO_MEM;
    }
    *bus = (struct i2c_master_bus_t){.port = port, .sda = bus_config->sda_io_num, .scl = bus_config->scl_io_num};
    *ret_bus_handle = s_buses[port] = bus;
    return ESP_OK;
}

esp_err_t i2c_del_master_bus(i2c_master_bus_handle_t bus_handle)
{
    if (bus_handle == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (bus_handle->devices > 0) {
        return ESP_ERR_INVALID_STATE;
    }
    s_buses[bus_handle->port] = NULL;
    free(bus_handle);
    return ESP_OK;
}

esp_err_t i2c_master_bus_add_device(i2c_master_bus_handle_t bus_handle, const i2c_device_config_t *dev_config,
                                    i2c_master_dev_handle_t *ret_handle)
{
    if (bus_handle == NULL || dev_config == NULL || ret_handle == NULL || dev_config->scl_speed_hz == 0 ||
        dev_config->scl_speed_hz > SPEED_MOST_HZ) {
        ESP_LOGE(TAG, "i2c_master_bus_add_device(%d): invalid argument or scl frequency", __LINE__);
        return ESP_ERR_INVALID_ARG;
    }
    if (dev_config->dev_addr_length != I2C_ADDR_BIT_LEN_7 || dev_config->device_address > 0x7f) {
        ESP_LOGE(TAG, "the virtual kit has no I2C addresses of 10 bits, and none that the app sends itself");
        kit_lacks("I2C addresses of 10 bits");
        return ESP_ERR_NOT_SUPPORTED;
    }
    i2c_master_dev_handle_t device = calloc(1, sizeof(*device));
    if (device == NULL) {
        return ESP_ERR_NO_MEM;
    }
    device->bus = bus_handle;
    device->address = (uint8_t)dev_config->device_address;
    device->checks_ack = !dev_config->flags.disable_ack_check;
    bus_handle->devices++;
    *ret_handle = device;
    return ESP_OK;
}

esp_err_t i2c_master_bus_rm_device(i2c_master_dev_handle_t handle)
{
    if (handle == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    handle->bus->devices--;
    free(handle);
    return ESP_OK;
}

/* A start, the address, and what is written or read. */
static void add(i2c_cmd_handle_t commands, const struct i2c_master_dev_t *device, const uint8_t *out, uint8_t *in,
                size_t size)
{
    const uint8_t first = (uint8_t)(device->address << 1 | (in != NULL ? I2C_MASTER_READ : I2C_MASTER_WRITE));
    i2c_master_start(commands);
    i2c_master_write_byte(commands, first, device->checks_ack);
    if (in != NULL) {
        i2c_master_read(commands, in, size, I2C_MASTER_LAST_NACK);
    } else if (size > 0) {
        i2c_master_write(commands, out, size, device->checks_ack);
    }
}

static esp_err_t transact(const struct i2c_master_dev_t *device, const uint8_t *out, size_t out_size, uint8_t *in,
                          size_t in_size)
{
    i2c_cmd_handle_t commands = i2c_cmd_link_create();
    if (commands == NULL) {
        return ESP_ERR_NO_MEM;
    }
    if (out != NULL) {
        add(commands, device, out, NULL, out_size);
    }
    if (in != NULL) {
        add(commands, device, NULL, in, in_size);
    }
    i2c_master_stop(commands);
    const esp_err_t error = kit_i2c_run(device->bus->sda, device->bus->scl, commands);
    i2c_cmd_link_delete(commands);
    return error;
}

/* What the driver says where nothing acknowledged. */
static esp_err_t told(esp_err_t error)
{
    if (error != ESP_FAIL) {
        return error;
    }
    ESP_LOGE(TAG, "I2C transaction failed");
    return ESP_ERR_INVALID_STATE;
}

esp_err_t i2c_master_transmit(i2c_master_dev_handle_t i2c_dev, const uint8_t *write_buffer, size_t write_size,
                              int xfer_timeout_ms)
{
    (void)xfer_timeout_ms;
    if (i2c_dev == NULL || write_buffer == NULL || write_size == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    return told(transact(i2c_dev, write_buffer, write_size, NULL, 0));
}

esp_err_t i2c_master_receive(i2c_master_dev_handle_t i2c_dev, uint8_t *read_buffer, size_t read_size,
                             int xfer_timeout_ms)
{
    (void)xfer_timeout_ms;
    if (i2c_dev == NULL || read_buffer == NULL || read_size == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    return told(transact(i2c_dev, NULL, 0, read_buffer, read_size));
}

esp_err_t i2c_master_transmit_receive(i2c_master_dev_handle_t i2c_dev, const uint8_t *write_buffer, size_t write_size,
                                      uint8_t *read_buffer, size_t read_size, int xfer_timeout_ms)
{
    (void)xfer_timeout_ms;
    if (i2c_dev == NULL || write_buffer == NULL || write_size == 0 || read_buffer == NULL || read_size == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    return told(transact(i2c_dev, write_buffer, write_size, read_buffer, read_size));
}

esp_err_t i2c_master_probe(i2c_master_bus_handle_t bus_handle, uint16_t address, int xfer_timeout_ms)
{
    (void)xfer_timeout_ms;
    if (bus_handle == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    static const uint8_t nothing;
    const struct i2c_master_dev_t device = {.bus = bus_handle, .address = (uint8_t)address, .checks_ack = true};
    const esp_err_t error = address > 0x7f ? ESP_FAIL : transact(&device, &nothing, 0, NULL, 0);
    return error == ESP_FAIL ? ESP_ERR_NOT_FOUND : error;
}

esp_err_t i2c_master_bus_reset(i2c_master_bus_handle_t bus_handle)
{
    return bus_handle != NULL ? ESP_OK : ESP_ERR_INVALID_ARG;
}

/* Every transaction is over when its call returns. */
esp_err_t i2c_master_bus_wait_all_done(i2c_master_bus_handle_t bus_handle, int timeout_ms)
{
    (void)timeout_ms;
    return bus_handle != NULL ? ESP_OK : ESP_ERR_INVALID_ARG;
}

esp_err_t i2c_master_get_bus_handle(i2c_port_num_t port_num, i2c_master_bus_handle_t *ret_handle)
{
    if (port_num < 0 || port_num >= SOC_I2C_NUM || ret_handle == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (s_buses[port_num] == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    *ret_handle = s_buses[port_num];
    return ESP_OK;
}
