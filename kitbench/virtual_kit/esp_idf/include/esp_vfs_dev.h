/* SPDX-License-Identifier: Apache-2.0 */
/* The console's line endings; the virtual kit's console always goes through the driver. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    ESP_LINE_ENDINGS_CRLF,
    ESP_LINE_ENDINGS_CR,
    ESP_LINE_ENDINGS_LF,
} esp_line_endings_t;

void esp_vfs_dev_uart_use_driver(int uart_num);
int esp_vfs_dev_uart_port_set_rx_line_endings(int uart_num, esp_line_endings_t mode);
int esp_vfs_dev_uart_port_set_tx_line_endings(int uart_num, esp_line_endings_t mode);

#ifdef __cplusplus
}
#endif
