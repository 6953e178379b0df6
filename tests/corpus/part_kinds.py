"""Honest hand-ins that use parts on the table: what students build once their kit talks. Board `lab`."""

from typing import Final

from tests.corpus.desk import Edit
from tests.corpus.firmware_kinds import PASSED, PUBLISHER, firmware
from tests.corpus.kind import Family, Kind

_NUMBER: Final = "    snprintf(payload, sizeof(payload), qos == 0 ? PAYLOAD_QOS0 : PAYLOAD_QOS1, number);\n"
_PUBLISHER_INCLUDES: Final = '#include "sdkconfig.h"\n\n#define PAYLOAD_SIZE 100\n'
_AHT: Final = r"""
#define AHT20 0x38
static void aht_begin(void)
{
    const i2c_config_t pins = { .mode = I2C_MODE_MASTER, .sda_io_num = 27, .scl_io_num = 33,
                                .sda_pullup_en = true, .scl_pullup_en = true, .master.clk_speed = 100000 };
    const uint8_t initialise[] = { 0xBE, 0x08, 0x00 };
    ESP_ERROR_CHECK(i2c_param_config(I2C_NUM_0, &pins));
    ESP_ERROR_CHECK(i2c_driver_install(I2C_NUM_0, I2C_MODE_MASTER, 0, 0, 0));
    ESP_ERROR_CHECK(i2c_master_write_to_device(I2C_NUM_0, AHT20, initialise, sizeof(initialise), pdMS_TO_TICKS(100)));
    vTaskDelay(pdMS_TO_TICKS(10));
}

static float aht_temperature(void)
{
    static bool has_begun;
    const uint8_t measure[] = { 0xAC, 0x33, 0x00 };
    uint8_t read[6] = { 0 };
    if (!has_begun) {
        aht_begin();
        has_begun = true;
    }
    ESP_ERROR_CHECK(i2c_master_write_to_device(I2C_NUM_0, AHT20, measure, sizeof(measure), pdMS_TO_TICKS(100)));
    vTaskDelay(pdMS_TO_TICKS(100));
    ESP_ERROR_CHECK(i2c_master_read_from_device(I2C_NUM_0, AHT20, read, sizeof(read), pdMS_TO_TICKS(100)));
    const uint32_t raw = (uint32_t)(read[3] & 0x0F) << 16 | read[4] << 8 | read[5];
    return raw * 200.0f / 1048576 - 50;
}
"""
_DHT: Final = r"""
#define DHT_PIN GPIO_NUM_4
static portMUX_TYPE s_dht = portMUX_INITIALIZER_UNLOCKED;

static int dht_wait(int level, int limit_us)
{
    int waited = 0;
    while (gpio_get_level(DHT_PIN) == level) {
        if (++waited > limit_us) {
            return -1;
        }
        esp_rom_delay_us(1);
    }
    return waited;
}

static bool dht_bits(uint8_t *bytes)
{
    if (dht_wait(1, 60) < 0 || dht_wait(0, 100) < 0 || dht_wait(1, 100) < 0) {
        return false;
    }
    for (int i = 0; i < 40; i++) {
        const int low = dht_wait(0, 80), high = dht_wait(1, 90);
        if (low < 0 || high < 0) {
            return false;
        }
        bytes[i / 8] = bytes[i / 8] << 1 | (high > low);
    }
    return (uint8_t)(bytes[0] + bytes[1] + bytes[2] + bytes[3]) == bytes[4];
}

static float dht_temperature(void)
{
    uint8_t bytes[5] = { 0 };
    gpio_set_direction(DHT_PIN, GPIO_MODE_OUTPUT);
    gpio_set_level(DHT_PIN, 0);
    vTaskDelay(pdMS_TO_TICKS(20));
    portENTER_CRITICAL(&s_dht);
    gpio_set_level(DHT_PIN, 1);
    gpio_set_direction(DHT_PIN, GPIO_MODE_INPUT);
    const bool is_whole = dht_bits(bytes);
    portEXIT_CRITICAL(&s_dht);
    ESP_ERROR_CHECK(is_whole ? ESP_OK : ESP_ERR_INVALID_CRC);
    return ((bytes[2] & 0x7F) << 8 | bytes[3]) / (bytes[2] & 0x80 ? -10.0f : 10.0f);
}
"""
_ADC: Final = r"""
static int millivolts(void)
{
    static adc_oneshot_unit_handle_t unit;
    static adc_cali_handle_t line;
    if (unit == NULL) {
        const adc_oneshot_unit_init_cfg_t one = { .unit_id = ADC_UNIT_1 };
        const adc_oneshot_chan_cfg_t input = { .bitwidth = ADC_BITWIDTH_DEFAULT, .atten = ADC_ATTEN_DB_11 };
        const adc_cali_line_fitting_config_t fit = { .unit_id = ADC_UNIT_1, .atten = ADC_ATTEN_DB_11,
                                                     .bitwidth = ADC_BITWIDTH_DEFAULT };
        ESP_ERROR_CHECK(adc_oneshot_new_unit(&one, &unit));
        ESP_ERROR_CHECK(adc_oneshot_config_channel(unit, ADC_CHANNEL_6, &input));
        ESP_ERROR_CHECK(adc_cali_create_scheme_line_fitting(&fit, &line));
    }
    int raw = 0, voltage = 0;
    ESP_ERROR_CHECK(adc_oneshot_read(unit, ADC_CHANNEL_6, &raw));
    ESP_ERROR_CHECK(adc_cali_raw_to_voltage(line, raw, &voltage));
    return voltage;
}
"""
_LEDC: Final = r"""
static void set_brightness(int percent)
{
    static bool has_begun;
    if (!has_begun) {
        const ledc_timer_config_t timer = { .speed_mode = LEDC_LOW_SPEED_MODE, .timer_num = LEDC_TIMER_0,
                                            .duty_resolution = LEDC_TIMER_13_BIT, .freq_hz = 5000,
                                            .clk_cfg = LEDC_AUTO_CLK };
        const ledc_channel_config_t channel = { .speed_mode = LEDC_LOW_SPEED_MODE, .channel = LEDC_CHANNEL_0,
                                                .timer_sel = LEDC_TIMER_0, .gpio_num = 2, .duty = 0 };
        ESP_ERROR_CHECK(ledc_timer_config(&timer));
        ESP_ERROR_CHECK(ledc_channel_config(&channel));
        has_begun = true;
    }
    ESP_ERROR_CHECK(ledc_set_duty(LEDC_LOW_SPEED_MODE, LEDC_CHANNEL_0, percent * 8191 / 100));
    ESP_ERROR_CHECK(ledc_update_duty(LEDC_LOW_SPEED_MODE, LEDC_CHANNEL_0));
}
"""


def _publisher(includes: tuple[str, ...], code: str, payload: str) -> tuple[Edit, Edit]:
    """Return what has the publisher measure, or show, before it sends; `payload` is C that fills it."""
    lines = "".join(f'#include "{header}"\n' for header in (*includes, "esp_err.h"))
    return (
        Edit(PUBLISHER, _PUBLISHER_INCLUDES, f"{lines}{_PUBLISHER_INCLUDES}{code}"),
        Edit(PUBLISHER, _NUMBER, f"    {payload}\n"),
    )


def _with_part(name: str, why: str, *edits: Edit) -> Kind:
    return Kind(name, Family.HONEST, why, firmware(*edits), {"connects": PASSED, "traffic": PASSED}, board="lab")


PARTS: Final[tuple[Kind, ...]] = (
    _with_part(
        "temperature of an AHT20 over I2C",
        "the course's own next step",
        *_publisher(
            ("driver/i2c.h",),
            _AHT,
            r'snprintf(payload, sizeof(payload), "{\"temperature\": %.2f, \"n\": %d}", aht_temperature(), number);',
        ),
    ),
    _with_part(
        "temperature of a DHT22",
        "the sensor that most people have at home, read by waiting on its wire",
        *_publisher(
            ("driver/gpio.h", "esp_rom_sys.h"),
            _DHT,
            'snprintf(payload, sizeof(payload), "T=%.1f n=%d", dht_temperature(), number);',
        ),
    ),
    _with_part(
        "a potentiometer's voltage",
        "an analogue reading is a message like others",
        *_publisher(
            ("esp_adc/adc_oneshot.h", "esp_adc/adc_cali_scheme.h"),
            _ADC,
            'snprintf(payload, sizeof(payload), "%d mV, %d", millivolts(), number);',
        ),
    ),
    _with_part(
        "an LED that is dimmed",
        "what the kit shows beside its messages is its own affair",
        *_publisher(
            ("driver/ledc.h",),
            _LEDC,
            'set_brightness(number % 101);\n    snprintf(payload, sizeof(payload), "brightness of %d", number);',
        ),
    ),
)
