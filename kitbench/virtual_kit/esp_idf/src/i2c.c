/* SPDX-License-Identifier: Apache-2.0 */
/* I2C as a master sees it: the driver's states here, the wires and the parts on them in the host. A transaction goes there
 * as a script of steps, which `kitbench/virtual_kit/board/i2c_bus.py` describes. */
#include <stdlib.h>
#include <string.h>
#include "driver/i2c.h"
#include "esp_log.h"
#include "i2c.h"
#include "kit/host.h"

#define SCL_MOST_HZ 1000000
#define SCRIPT_MOST 4096
#define READ_MOST 1024

enum step { START, STOP, WRITE, WRITE_BLINDLY, READ };

/* Where what is read goes. */
struct target {
    uint8_t *data;
    size_t size;
};

struct link {
    uint8_t *script;
    size_t size;
    struct target *targets;
    size_t target_count;
};

struct port {
    bool is_configured;
    bool is_installed;
    int sda;
    int scl;
};

static const char *const TAG = "i2c";
static struct port s_ports[I2C_NUM_MAX];
static uint8_t s_read[READ_MOST]; /* shims are not interrupted, and a stack has no room for it */

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
    s_ports[i2c_num].is_configured = true;
    s_ports[i2c_num].sda = i2c_conf->sda_io_num;
    s_ports[i2c_num].scl = i2c_conf->scl_io_num;
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
    if (s_ports[i2c_num].is_installed) {
        ESP_LOGE(TAG, "i2c_driver_install(%d): i2c driver install error", __LINE__);
        return ESP_FAIL;
    }
    s_ports[i2c_num].is_installed = true;
    return ESP_OK;
}

esp_err_t i2c_driver_delete(i2c_port_t i2c_num)
{
    if (!is_port(i2c_num) || !s_ports[i2c_num].is_installed) {
        return ESP_ERR_INVALID_ARG;
    }
    s_ports[i2c_num].is_installed = false;
    return ESP_OK;
}

i2c_cmd_handle_t i2c_cmd_link_create(void)
{
    return calloc(1, sizeof(struct link));
}

static void empty(struct link *link)
{
    free(link->script);
    free(link->targets);
    *link = (struct link){0};
}

void i2c_cmd_link_delete(i2c_cmd_handle_t cmd_handle)
{
    if (cmd_handle != NULL) {
        empty(cmd_handle);
        free(cmd_handle);
    }
}

/* Add a step with its data; a READ has a size alone. */
static esp_err_t add(struct link *link, enum step step, const uint8_t *data, size_t size)
{
    if (link == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    const size_t carried = data != NULL ? size : 0;
    const bool has_size = step != START && step != STOP;
    if (size > UINT16_MAX || link->size + carried + 3 > SCRIPT_MOST) {
        ESP_LOGE(TAG, "the virtual kit takes no I2C transaction of more than %d bytes (docs/fidelity.md)", SCRIPT_MOST);
        kit_lacks("I2C transactions of more than 4 KB");
        return ESP_ERR_NO_MEM;
    }
    uint8_t *grown = realloc(link->script, link->size + carried + 3);
    if (grown == NULL) {
        return ESP_ERR_NO_MEM;
    }
    link->script = grown;
    grown[link->size++] = (uint8_t)step;
    if (has_size) {
        grown[link->size++] = (uint8_t)size;
        grown[link->size++] = (uint8_t)(size >> 8);
    }
    if (carried > 0) {
        memcpy(grown + link->size, data, carried);
        link->size += carried;
    }
    return ESP_OK;
}

esp_err_t i2c_master_start(i2c_cmd_handle_t cmd_handle)
{
    return add(cmd_handle, START, NULL, 0);
}

esp_err_t i2c_master_write_byte(i2c_cmd_handle_t cmd_handle, uint8_t data, bool ack_en)
{
    return i2c_master_write(cmd_handle, &data, 1, ack_en);
}

esp_err_t i2c_master_write(i2c_cmd_handle_t cmd_handle, const uint8_t *data, size_t data_len, bool ack_en)
{
    return data == NULL || data_len == 0 ? ESP_ERR_INVALID_ARG
                                         : add(cmd_handle, ack_en ? WRITE : WRITE_BLINDLY, data, data_len);
}

/* A bus that nobody pulls down reads as ones. */
esp_err_t i2c_master_read(i2c_cmd_handle_t cmd_handle, uint8_t *data, size_t data_len, i2c_ack_type_t ack)
{
    struct link *link = cmd_handle;
    if (link == NULL || data == NULL || data_len == 0 || (unsigned)ack >= I2C_MASTER_ACK_MAX) {
        return ESP_ERR_INVALID_ARG;
    }
    struct target *grown = realloc(link->targets, (link->target_count + 1) * sizeof(*grown));
    if (grown == NULL) {
        return ESP_ERR_NO_MEM;
    }
    link->targets = grown;
    const esp_err_t error = add(link, READ, NULL, data_len);
    if (error == ESP_OK) {
        grown[link->target_count++] = (struct target){data, data_len};
    }
    return error;
}

esp_err_t i2c_master_read_byte(i2c_cmd_handle_t cmd_handle, uint8_t *data, i2c_ack_type_t ack)
{
    return i2c_master_read(cmd_handle, data, 1, ack);
}

esp_err_t i2c_master_stop(i2c_cmd_handle_t cmd_handle)
{
    return add(cmd_handle, STOP, NULL, 0);
}

esp_err_t kit_i2c_run(int sda, int scl, i2c_cmd_handle_t commands)
{
    const struct link *link = commands;
    size_t room = 0;
    for (size_t i = 0; i < link->target_count; i++) {
        room += link->targets[i].size;
    }
    if (room > READ_MOST) {
        ESP_LOGE(TAG, "the virtual kit reads no more than %d bytes in a transaction (docs/fidelity.md)", READ_MOST);
        kit_lacks("I2C transactions that read more than 1 KB");
        return ESP_ERR_NO_MEM;
    }
    const int32_t status = kit_i2c(sda, scl, link->script, (int32_t)link->size, s_read, (int32_t)room);
    if (status < 0) {
        return ESP_FAIL; /* no acknowledgement */
    }
    const uint8_t *next = s_read;
    for (size_t i = 0; i < link->target_count; i++) {
        memcpy(link->targets[i].data, next, link->targets[i].size);
        next += link->targets[i].size;
    }
    return ESP_OK;
}

esp_err_t i2c_master_cmd_begin(i2c_port_t i2c_num, i2c_cmd_handle_t cmd_handle, TickType_t ticks_to_wait)
{
    (void)ticks_to_wait;
    const struct link *link = cmd_handle;
    if (!is_port(i2c_num) || link == NULL || link->size == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    if (!s_ports[i2c_num].is_installed) {
        ESP_LOGE(TAG, "i2c_master_cmd_begin(%d): i2c driver not installed", __LINE__);
        return ESP_ERR_INVALID_STATE;
    }
    const struct port *port = &s_ports[i2c_num];
    return port->is_configured ? kit_i2c_run(port->sda, port->scl, cmd_handle) : ESP_ERR_TIMEOUT; /* no pins: the bus hangs */
}

static void add_write(struct link *link, uint8_t address, const uint8_t *data, size_t size)
{
    const uint8_t first = (uint8_t)(address << 1 | I2C_MASTER_WRITE);
    i2c_master_start(link);
    i2c_master_write_byte(link, first, true);
    i2c_master_write(link, data, size, true);
}

static void add_read(struct link *link, uint8_t address, uint8_t *data, size_t size)
{
    const uint8_t first = (uint8_t)(address << 1 | I2C_MASTER_READ);
    i2c_master_start(link);
    i2c_master_write_byte(link, first, true);
    i2c_master_read(link, data, size, I2C_MASTER_LAST_NACK);
}

static esp_err_t finish(i2c_port_t port, struct link *link)
{
    i2c_master_stop(link);
    const esp_err_t error = i2c_master_cmd_begin(port, link, 0);
    empty(link);
    return error;
}

esp_err_t i2c_master_write_to_device(i2c_port_t i2c_num, uint8_t device_address, const uint8_t *write_buffer,
                                     size_t write_size, TickType_t ticks_to_wait)
{
    (void)ticks_to_wait;
    if (write_buffer == NULL || write_size == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    struct link link = {0};
    add_write(&link, device_address, write_buffer, write_size);
    return finish(i2c_num, &link);
}

esp_err_t i2c_master_read_from_device(i2c_port_t i2c_num, uint8_t device_address, uint8_t *read_buffer,
                                      size_t read_size, TickType_t ticks_to_wait)
{
    (void)ticks_to_wait;
    if (read_buffer == NULL || read_size == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    struct link link = {0};
    add_read(&link, device_address, read_buffer, read_size);
    return finish(i2c_num, &link);
}

esp_err_t i2c_master_write_read_device(i2c_port_t i2c_num, uint8_t device_address, const uint8_t *write_buffer,
                                       size_t write_size, uint8_t *read_buffer, size_t read_size,
                                       TickType_t ticks_to_wait)
{
    (void)ticks_to_wait;
    if (write_buffer == NULL || write_size == 0 || read_buffer == NULL || read_size == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    struct link link = {0};
    add_write(&link, device_address, write_buffer, write_size);
    add_read(&link, device_address, read_buffer, read_size);
    return finish(i2c_num, &link);
}
