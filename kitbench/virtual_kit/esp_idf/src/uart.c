/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "driver/uart.h"
#include "esp_log.h"
#include "esp_vfs_dev.h"
#include "freertos/task.h"
#include "kernel.h"

#define EVENT_TASK_PRIORITY 24
#define EVENT_TASK_STACK 2048

static bool s_installed[UART_NUM_MAX];
static QueueHandle_t s_events;
static TaskHandle_t s_event_task;
static uint32_t s_baudrate[UART_NUM_MAX] = {115200, 115200, 115200};

static bool valid(uart_port_t port)
{
    return port >= 0 && port < UART_NUM_MAX;
}

/* What the driver's interrupt does on the device: tell the queue that bytes have come. */
static void event_task(void *unused)
{
    (void)unused;
    int32_t seen = 0;
    for (;;) {
        const int32_t available = kit_uart_available();
        if (available > seen) {
            const uart_event_t event = {.type = UART_DATA, .size = (size_t)(available - seen), .timeout_flag = true};
            xQueueSend(s_events, &event, 0);
        }
        seen = available;
        kit_block(KIT_UART_RX, -1);
        seen = seen < kit_uart_available() ? seen : 0;
    }
}

esp_err_t uart_driver_install(uart_port_t uart_num, int rx_buffer_size, int tx_buffer_size, int queue_size,
                              QueueHandle_t *uart_queue, int intr_alloc_flags)
{
    enum { FIFO_SIZE = 128 };
    (void)intr_alloc_flags;
    if (!valid(uart_num) || rx_buffer_size <= FIFO_SIZE || (tx_buffer_size > 0 && tx_buffer_size <= FIFO_SIZE)) {
        return ESP_FAIL;
    }
    if (s_installed[uart_num]) {
        ESP_LOGE("uart", "UART driver already installed");
        return ESP_FAIL;
    }
    if (uart_queue != NULL && queue_size > 0) {
        *uart_queue = xQueueCreate((UBaseType_t)queue_size, sizeof(uart_event_t));
        if (*uart_queue == NULL) {
            return ESP_ERR_NO_MEM;
        }
        if (uart_num == UART_NUM_0) {
            s_events = *uart_queue;
            if (xTaskCreate(event_task, "uart_isr", EVENT_TASK_STACK, NULL, EVENT_TASK_PRIORITY, &s_event_task) != pdPASS) {
                return ESP_ERR_NO_MEM;
            }
        }
    }
    s_installed[uart_num] = true;
    return ESP_OK;
}

esp_err_t uart_driver_delete(uart_port_t uart_num)
{
    if (!valid(uart_num)) {
        return ESP_FAIL;
    }
    if (uart_num == UART_NUM_0 && s_event_task != NULL) {
        vTaskDelete(s_event_task);
        vQueueDelete(s_events);
        s_event_task = NULL;
        s_events = NULL;
    }
    s_installed[uart_num] = false;
    return ESP_OK;
}

bool uart_is_driver_installed(uart_port_t uart_num)
{
    return valid(uart_num) && s_installed[uart_num];
}

esp_err_t uart_param_config(uart_port_t uart_num, const uart_config_t *uart_config)
{
    if (!valid(uart_num) || uart_config == NULL) {
        return ESP_FAIL;
    }
    s_baudrate[uart_num] = (uint32_t)uart_config->baud_rate;
    return ESP_OK;
}

esp_err_t uart_set_pin(uart_port_t uart_num, int tx_io_num, int rx_io_num, int rts_io_num, int cts_io_num)
{
    (void)tx_io_num, (void)rx_io_num, (void)rts_io_num, (void)cts_io_num;
    return valid(uart_num) ? ESP_OK : ESP_FAIL;
}

esp_err_t uart_set_baudrate(uart_port_t uart_num, uint32_t baudrate)
{
    if (!valid(uart_num)) {
        return ESP_FAIL;
    }
    s_baudrate[uart_num] = baudrate;
    return ESP_OK;
}

esp_err_t uart_get_baudrate(uart_port_t uart_num, uint32_t *baudrate)
{
    if (!valid(uart_num)) {
        return ESP_FAIL;
    }
    *baudrate = s_baudrate[uart_num];
    return ESP_OK;
}

/* Waits until `length` bytes have come or the time is over, and returns what there is. */
int uart_read_bytes(uart_port_t uart_num, void *buf, uint32_t length, TickType_t ticks_to_wait)
{
    if (!uart_is_driver_installed(uart_num) || buf == NULL) {
        return -1;
    }
    const int64_t deadline = kit_deadline(ticks_to_wait);
    if (uart_num != UART_NUM_0) {
        vTaskDelay(ticks_to_wait);
        return 0;
    }
    uint32_t taken = 0;
    for (;;) {
        taken += (uint32_t)kit_uart_read((uint8_t *)buf + taken, (int32_t)(length - taken));
        if (taken == length || !kit_wait_until(KIT_UART_RX, deadline)) {
            return (int)taken;
        }
    }
}

int uart_write_bytes(uart_port_t uart_num, const void *src, size_t size)
{
    if (!uart_is_driver_installed(uart_num) || src == NULL) {
        return -1;
    }
    if (uart_num == UART_NUM_0) {
        kit_uart_write(src, (int32_t)size);
    }
    return (int)size;
}

esp_err_t uart_get_buffered_data_len(uart_port_t uart_num, size_t *size)
{
    if (!uart_is_driver_installed(uart_num)) {
        return ESP_FAIL;
    }
    *size = uart_num == UART_NUM_0 ? (size_t)kit_uart_available() : 0;
    return ESP_OK;
}

esp_err_t uart_flush_input(uart_port_t uart_num)
{
    if (!uart_is_driver_installed(uart_num)) {
        return ESP_FAIL;
    }
    uint8_t discarded[64];
    while (uart_num == UART_NUM_0 && kit_uart_read(discarded, sizeof(discarded)) > 0) {
    }
    return ESP_OK;
}

esp_err_t uart_flush(uart_port_t uart_num)
{
    return uart_flush_input(uart_num);
}

esp_err_t uart_wait_tx_done(uart_port_t uart_num, TickType_t ticks_to_wait)
{
    (void)ticks_to_wait;
    return uart_is_driver_installed(uart_num) ? ESP_OK : ESP_FAIL;
}

void esp_vfs_dev_uart_use_driver(int uart_num)
{
    (void)uart_num;
}

int esp_vfs_dev_uart_port_set_rx_line_endings(int uart_num, esp_line_endings_t mode)
{
    (void)mode;
    return uart_num == UART_NUM_0 ? 0 : -1;
}

int esp_vfs_dev_uart_port_set_tx_line_endings(int uart_num, esp_line_endings_t mode)
{
    (void)mode;
    return uart_num == UART_NUM_0 ? 0 : -1;
}
