/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "aht20.h"

#include <stdint.h>

#include "driver/i2c.h"
#include "esp_check.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#define ADDRESS 0x38
#define PORT I2C_NUM_0
#define ANSWERS_WITHIN pdMS_TO_TICKS(100)
#define STATUS_BUSY 0x80
#define STATUS_CALIBRATED 0x08
#define FULL_SCALE 1048576.0f /* 20 bits */

static const char *TAG = "aht20";

static esp_err_t command(uint8_t code, uint8_t first, uint8_t second)
{
    const uint8_t bytes[] = { code, first, second };
    return i2c_master_write_to_device(PORT, ADDRESS, bytes, sizeof(bytes), ANSWERS_WITHIN);
}

static uint8_t crc8(const uint8_t *bytes, int count)
{
    uint8_t crc = 0xFF;
    for (int i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (uint8_t)(crc & 0x80 ? crc << 1 ^ 0x31 : crc << 1);
        }
    }
    return crc;
}

esp_err_t aht20_begin(int sda_pin, int scl_pin)
{
    const i2c_config_t config = {
        .mode = I2C_MODE_MASTER,
        .sda_io_num = sda_pin,
        .scl_io_num = scl_pin,
        .sda_pullup_en = GPIO_PULLUP_ENABLE,
        .scl_pullup_en = GPIO_PULLUP_ENABLE,
        .master.clk_speed = 100000,
    };
    ESP_RETURN_ON_ERROR(i2c_param_config(PORT, &config), TAG, "pins");
    ESP_RETURN_ON_ERROR(i2c_driver_install(PORT, I2C_MODE_MASTER, 0, 0, 0), TAG, "driver");
    vTaskDelay(pdMS_TO_TICKS(40)); /* after power-on */
    uint8_t status = 0;
    ESP_RETURN_ON_ERROR(i2c_master_read_from_device(PORT, ADDRESS, &status, 1, ANSWERS_WITHIN), TAG, "no sensor");
    if ((status & STATUS_CALIBRATED) == 0) {
        ESP_RETURN_ON_ERROR(command(0xBE, 0x08, 0x00), TAG, "calibrate");
        vTaskDelay(pdMS_TO_TICKS(10));
    }
    return ESP_OK;
}

esp_err_t aht20_measure(aht20_reading_t *reading)
{
    uint8_t bytes[7] = { 0 };
    ESP_RETURN_ON_ERROR(command(0xAC, 0x33, 0x00), TAG, "measure");
    vTaskDelay(pdMS_TO_TICKS(100));
    ESP_RETURN_ON_ERROR(i2c_master_read_from_device(PORT, ADDRESS, bytes, sizeof(bytes), ANSWERS_WITHIN), TAG, "read");
    ESP_RETURN_ON_FALSE((bytes[0] & STATUS_BUSY) == 0, ESP_ERR_TIMEOUT, TAG, "busy");
    ESP_RETURN_ON_FALSE(crc8(bytes, 6) == bytes[6], ESP_ERR_INVALID_CRC, TAG, "checksum");
    const uint32_t wet = (uint32_t)bytes[1] << 12 | (uint32_t)bytes[2] << 4 | bytes[3] >> 4;
    const uint32_t warm = (uint32_t)(bytes[3] & 0x0F) << 16 | (uint32_t)bytes[4] << 8 | bytes[5];
    reading->humidity = wet * 100 / FULL_SCALE;
    reading->temperature = warm * 200 / FULL_SCALE - 50;
    return ESP_OK;
}
