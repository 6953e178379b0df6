/* SPDX-License-Identifier: Apache-2.0 */
/* The ADC's drivers, new and old, and its calibration by a line. A part at a pin gives its voltage; an open pin reads 0. */
#include <stdlib.h>
#include "driver/adc.h"
#include "esp_adc/adc_cali_scheme.h"
#include "esp_adc/adc_oneshot.h"
#include "esp_adc_cal.h"
#include "esp_log.h"
#include "esp_wifi.h"
#include "kit/host.h"

#define CHANNELS_1 8
#define CHANNELS_2 10
#define EFUSE_VREF 1072 /* ADC_VREF of the kit's eFuses, mV */

static const char *const TAG = "adc";

struct adc_oneshot_unit_ctx_t {
    adc_unit_t unit;
    uint8_t bits[CHANNELS_2]; /* 0: not configured */
};

static struct adc_oneshot_unit_ctx_t *s_units[2];

/* ADC2 belongs to Wi-Fi while that runs. */
static bool is_taken_by_wifi(adc_unit_t unit)
{
    wifi_mode_t mode;
    return unit == ADC_UNIT_2 && esp_wifi_get_mode(&mode) == ESP_OK && mode != WIFI_MODE_NULL;
}

static bool has_channel(adc_unit_t unit, adc_channel_t channel)
{
    return (unsigned)channel < (unit == ADC_UNIT_1 ? CHANNELS_1 : CHANNELS_2);
}

/* GPIO of each channel: ESP32 datasheet, "Analog pins". */
static const int s_pins[2][CHANNELS_2] = {{36, 37, 38, 39, 32, 33, 34, 35, -1, -1}, {4, 0, 2, 15, 13, 12, 14, 27, 25, 26}};

static adc_atten_t s_attenuation[2][CHANNELS_2]; /* 0 dB until somebody says more */

/* A line from reading to millivolts, by the reference voltage; figures of ESP-IDF's line fitting for the ESP32. */
struct adc_cali_scheme_t {
    uint32_t slope; /* mV in 65536ths per step of 12 bits */
    uint32_t offset;
    uint32_t shift; /* of readings of fewer bits */
};

static struct adc_cali_scheme_t line_of(adc_unit_t unit, adc_atten_t atten, uint32_t bits)
{
    static const uint32_t scales[2][4] = {{57431, 76236, 105481, 196602}, {57236, 76175, 105678, 197170}};
    static const uint32_t offsets[2][4] = {{75, 78, 107, 142}, {63, 66, 89, 128}};
    return (struct adc_cali_scheme_t){EFUSE_VREF * scales[unit][atten] / 4096, offsets[unit][atten], 12 - bits};
}

static uint32_t voltage_of(const struct adc_cali_scheme_t *line, uint32_t raw)
{
    return (line->slope * (raw << line->shift) + 32768) / 65536 + line->offset;
}

/* What a channel reads, of so many bits: the calibration's line, the other way round. */
static int reading_of(adc_unit_t unit, int channel, uint32_t bits)
{
    const int32_t millivolts = kit_millivolts(s_pins[unit][channel]);
    const struct adc_cali_scheme_t line = line_of(unit, s_attenuation[unit][channel], 12);
    if (millivolts <= (int32_t)line.offset) {
        return 0;
    }
    const uint64_t raw = (((uint64_t)millivolts - line.offset) * 65536 + line.slope / 2) / line.slope;
    return (int)((raw < 4095 ? raw : 4095) >> (12 - bits));
}

esp_err_t adc_oneshot_new_unit(const adc_oneshot_unit_init_cfg_t *init_config, adc_oneshot_unit_handle_t *ret_unit)
{
    if (init_config == NULL || ret_unit == NULL || (unsigned)init_config->unit_id > ADC_UNIT_2) {
        return ESP_ERR_INVALID_ARG;
    }
    if (s_units[init_config->unit_id] != NULL) {
        ESP_LOGE("adc_oneshot", "adc_oneshot_new_unit(%d): adc%d is already in use", __LINE__,
                 init_config->unit_id + 1);
        return ESP_ERR_NOT_FOUND;
    }
    struct adc_oneshot_unit_ctx_t *unit = calloc(1, sizeof(*unit));
    if (unit == NULL) {
        return ESP_ERR_NO_MEM;
    }
    unit->unit = init_config->unit_id;
    *ret_unit = s_units[unit->unit] = unit;
    return ESP_OK;
}

esp_err_t adc_oneshot_config_channel(adc_oneshot_unit_handle_t handle, adc_channel_t channel,
                                     const adc_oneshot_chan_cfg_t *config)
{
    if (handle == NULL || config == NULL || !has_channel(handle->unit, channel)) {
        return ESP_ERR_INVALID_ARG;
    }
    if (config->bitwidth != ADC_BITWIDTH_DEFAULT &&
        (config->bitwidth < ADC_BITWIDTH_9 || config->bitwidth > ADC_BITWIDTH_12)) {
        return ESP_ERR_INVALID_ARG;
    }
    if ((unsigned)config->atten > ADC_ATTEN_DB_11) {
        return ESP_ERR_INVALID_ARG;
    }
    handle->bits[channel] = config->bitwidth == ADC_BITWIDTH_DEFAULT ? ADC_BITWIDTH_12 : config->bitwidth;
    s_attenuation[handle->unit][channel] = config->atten;
    return ESP_OK;
}

esp_err_t adc_oneshot_read(adc_oneshot_unit_handle_t handle, adc_channel_t chan, int *out_raw)
{
    if (handle == NULL || out_raw == NULL || !has_channel(handle->unit, chan)) {
        return ESP_ERR_INVALID_ARG;
    }
    if (is_taken_by_wifi(handle->unit)) {
        return ESP_ERR_TIMEOUT;
    }
    *out_raw = reading_of(handle->unit, chan, handle->bits[chan] != 0 ? handle->bits[chan] : ADC_BITWIDTH_12);
    return ESP_OK;
}

esp_err_t adc_oneshot_del_unit(adc_oneshot_unit_handle_t handle)
{
    if (handle == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    s_units[handle->unit] = NULL;
    free(handle);
    return ESP_OK;
}

esp_err_t adc_oneshot_io_to_channel(int io_num, adc_unit_t *const unit_id, adc_channel_t *const channel)
{
    for (int unit = 0; unit < 2; unit++) {
        for (int i = 0; i < CHANNELS_2; i++) {
            if (io_num >= 0 && s_pins[unit][i] == io_num) {
                *unit_id = (adc_unit_t)unit;
                *channel = (adc_channel_t)i;
                return ESP_OK;
            }
        }
    }
    return ESP_ERR_NOT_FOUND;
}

esp_err_t adc_oneshot_channel_to_io(adc_unit_t unit_id, adc_channel_t channel, int *const io_num)
{
    if ((unsigned)unit_id > ADC_UNIT_2 || !has_channel(unit_id, channel)) {
        return ESP_ERR_INVALID_ARG;
    }
    *io_num = s_pins[unit_id][channel];
    return ESP_OK;
}

esp_err_t adc_cali_check_scheme(adc_cali_scheme_ver_t *scheme_mask)
{
    *scheme_mask = ADC_CALI_SCHEME_VER_LINE_FITTING;
    return ESP_OK;
}

esp_err_t adc_cali_scheme_line_fitting_check_efuse(adc_cali_line_fitting_efuse_val_t *cali_val)
{
    *cali_val = ADC_CALI_LINE_FITTING_EFUSE_VAL_EFUSE_VREF;
    return ESP_OK;
}

esp_err_t adc_cali_create_scheme_line_fitting(const adc_cali_line_fitting_config_t *config,
                                              adc_cali_handle_t *ret_handle)
{
    if (config == NULL || ret_handle == NULL || (unsigned)config->unit_id > ADC_UNIT_2 ||
        (unsigned)config->atten > ADC_ATTEN_DB_11) {
        return ESP_ERR_INVALID_ARG;
    }
    const uint32_t bits = config->bitwidth == ADC_BITWIDTH_DEFAULT ? 12 : config->bitwidth;
    if (bits < 9 || bits > 12) {
        return ESP_ERR_INVALID_ARG;
    }
    struct adc_cali_scheme_t *line = malloc(sizeof(*line));
    if (line == NULL) {
        return ESP_ERR_NO_MEM;
    }
    *line = line_of(config->unit_id, config->atten, bits);
    *ret_handle = line;
    return ESP_OK;
}

esp_err_t adc_cali_delete_scheme_line_fitting(adc_cali_handle_t handle)
{
    free(handle);
    return handle != NULL ? ESP_OK : ESP_ERR_INVALID_ARG;
}

esp_err_t adc_cali_raw_to_voltage(adc_cali_handle_t handle, int raw, int *voltage)
{
    if (handle == NULL || voltage == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *voltage = (int)voltage_of(handle, (uint32_t)raw);
    return ESP_OK;
}

static adc_bits_width_t s_legacy_width = ADC_WIDTH_BIT_12;

esp_err_t adc1_config_width(adc_bits_width_t width_bit)
{
    if ((unsigned)width_bit >= ADC_WIDTH_MAX) {
        return ESP_ERR_INVALID_ARG;
    }
    s_legacy_width = width_bit;
    return ESP_OK;
}

esp_err_t adc1_config_channel_atten(adc1_channel_t channel, adc_atten_t atten)
{
    if ((unsigned)channel >= ADC1_CHANNEL_MAX || (unsigned)atten > ADC_ATTEN_DB_11) {
        return ESP_ERR_INVALID_ARG;
    }
    s_attenuation[ADC_UNIT_1][channel] = atten;
    return ESP_OK;
}

int adc1_get_raw(adc1_channel_t channel)
{
    return (unsigned)channel < ADC1_CHANNEL_MAX ? reading_of(ADC_UNIT_1, channel, 9 + s_legacy_width) : -1;
}

esp_err_t adc2_config_channel_atten(adc2_channel_t channel, adc_atten_t atten)
{
    if ((unsigned)channel >= ADC2_CHANNEL_MAX || (unsigned)atten > ADC_ATTEN_DB_11) {
        return ESP_ERR_INVALID_ARG;
    }
    s_attenuation[ADC_UNIT_2][channel] = atten;
    return ESP_OK;
}

esp_err_t adc2_get_raw(adc2_channel_t channel, adc_bits_width_t width_bit, int *raw_out)
{
    if (raw_out == NULL || (unsigned)channel >= ADC2_CHANNEL_MAX || (unsigned)width_bit >= ADC_WIDTH_MAX) {
        return ESP_ERR_INVALID_ARG;
    }
    if (is_taken_by_wifi(ADC_UNIT_2)) {
        ESP_LOGE(TAG, "adc2_get_raw(%d): Wi-Fi is in use", __LINE__);
        return ESP_ERR_TIMEOUT;
    }
    *raw_out = reading_of(ADC_UNIT_2, channel, 9 + width_bit);
    return ESP_OK;
}

void adc_power_acquire(void)
{
}

void adc_power_release(void)
{
}

esp_err_t esp_adc_cal_check_efuse(esp_adc_cal_value_t value_type)
{
    return value_type == ESP_ADC_CAL_VAL_EFUSE_VREF ? ESP_OK : ESP_ERR_NOT_SUPPORTED;
}

esp_adc_cal_value_t esp_adc_cal_characterize(adc_unit_t adc_num, adc_atten_t atten, adc_bits_width_t bit_width,
                                             uint32_t default_vref, esp_adc_cal_characteristics_t *chars)
{
    (void)default_vref; /* the eFuses know better */
    /* In ESP-IDF 4 units counted from 1, and who casts still does. */
    const adc_unit_t unit = adc_num == ADC_UNIT_2 ? ADC_UNIT_2 : ADC_UNIT_1;
    const struct adc_cali_scheme_t line = line_of(unit, atten, 9 + bit_width);
    *chars = (esp_adc_cal_characteristics_t){.adc_num = adc_num,
                                             .atten = atten,
                                             .bit_width = bit_width,
                                             .coeff_a = line.slope,
                                             .coeff_b = line.offset,
                                             .vref = EFUSE_VREF};
    return ESP_ADC_CAL_VAL_EFUSE_VREF;
}

uint32_t esp_adc_cal_raw_to_voltage(uint32_t adc_reading, const esp_adc_cal_characteristics_t *chars)
{
    const struct adc_cali_scheme_t line = {chars->coeff_a, chars->coeff_b, ADC_WIDTH_BIT_12 - chars->bit_width};
    return voltage_of(&line, adc_reading);
}

esp_err_t esp_adc_cal_get_voltage(adc_channel_t channel, const esp_adc_cal_characteristics_t *chars,
                                  uint32_t *voltage)
{
    if (chars == NULL || voltage == NULL || !has_channel(chars->adc_num, channel)) {
        return ESP_ERR_INVALID_ARG;
    }
    /* In ESP-IDF 4 units counted from 1, and who casts still does. */
    const adc_unit_t unit = chars->adc_num == ADC_UNIT_2 ? ADC_UNIT_2 : ADC_UNIT_1;
    *voltage = esp_adc_cal_raw_to_voltage((uint32_t)reading_of(unit, channel, 9 + chars->bit_width), chars);
    return ESP_OK;
}
