"""GPIO, LEDC, ADC and I2C with nothing wired to them; behaviour *from ESP-IDF's sources*, unverified."""

import pytest

from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram, choice_of

_HEAD = """
#include "driver/adc.h"
#include "driver/gpio.h"
#include "driver/gptimer.h"
#include "driver/i2c.h"
#include "driver/i2c_master.h"
#include "driver/ledc.h"
#include "esp_adc/adc_cali_scheme.h"
#include "esp_adc/adc_oneshot.h"
#include "esp_adc_cal.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/task.h"
static int calls, in_isr; static QueueHandle_t queue;
static void IRAM_ATTR on_edge(void *arg) {
    calls++; in_isr = xPortInIsrContext(); int pin = (int)(intptr_t)arg; xQueueSendFromISR(queue, &pin, NULL);
}
"""
_HEAD += """
static volatile int alarms, alarm_in_isr; static volatile uint64_t at;
static bool on_alarm(gptimer_handle_t t, const gptimer_alarm_event_data_t *e, void *more) {
    alarms += (int)(intptr_t)more; alarm_in_isr = xPortInIsrContext(); at = e->count_value; return false;
}
"""
_SAID = {
    # A program that toggles by what it reads back works only where the input is on, too.
    "gpio_set_direction(2, GPIO_MODE_OUTPUT); gpio_set_level(2, 1); int a = gpio_get_level(2);"
    ' gpio_set_direction(2, GPIO_MODE_INPUT_OUTPUT); printf("%d %d|", a, gpio_get_level(2));': "0 1|",
    "gpio_config_t c = {.pin_bit_mask = 1ULL << 4, .mode = GPIO_MODE_INPUT, .pull_up_en = 1}; gpio_config(&c);"
    " int up = gpio_get_level(4); gpio_set_pull_mode(4, GPIO_PULLDOWN_ONLY);"
    ' printf("%d %d|", up, gpio_get_level(4));': "1 0|",
    'printf("%x %x %x|", gpio_set_direction(34, GPIO_MODE_OUTPUT), gpio_set_level(35, 1), gpio_set_level(40, 1));': (
        "102 102 102|"
    ),
    "queue = xQueueCreate(4, 4); int pin = 0; gpio_config_t c = {.pin_bit_mask = 1ULL << 5, .mode ="
    " GPIO_MODE_INPUT_OUTPUT, .intr_type = GPIO_INTR_POSEDGE}; gpio_config(&c);"
    ' printf("%x ", gpio_isr_handler_add(5, on_edge, (void *)5)); gpio_install_isr_service(0);'
    ' printf("%x ", gpio_install_isr_service(0)); gpio_isr_handler_add(5, on_edge, (void *)5);'
    " gpio_set_level(5, 1); gpio_set_level(5, 1); gpio_set_level(5, 0); gpio_set_level(5, 1); gpio_intr_disable(5);"
    " gpio_set_level(5, 0); gpio_set_level(5, 1); xQueueReceive(queue, &pin, 0);"
    ' printf("%d %d %d %d|", calls, in_isr, xPortInIsrContext(), pin);': "103 2 1 0 5|",
    "ledc_timer_config_t t = {.speed_mode = LEDC_LOW_SPEED_MODE, .duty_resolution = LEDC_TIMER_13_BIT, .freq_hz ="
    " 5000}; ledc_channel_config_t c = {.gpio_num = 18, .speed_mode = LEDC_LOW_SPEED_MODE, .duty = 7};"
    ' printf("%d %d ", ledc_timer_config(&t), ledc_channel_config(&c)); ledc_set_duty(1, 0, 4096);'
    ' printf("%d ", (int)ledc_get_duty(1, 0)); ledc_update_duty(1, 0); printf("%d %d ", (int)ledc_get_duty(1, 0),'
    ' (int)ledc_get_freq(1, 0)); t.freq_hz = 50000; printf("%d ", ledc_timer_config(&t)); c.gpio_num = 36;'
    ' printf("%x|", ledc_channel_config(&c));': "0 0 7 4096 5000 ",
    "adc_oneshot_unit_handle_t u, v; adc_oneshot_unit_init_cfg_t i = {.unit_id = ADC_UNIT_1}; int raw = 9, mv = 0;"
    " adc_oneshot_chan_cfg_t c = {.atten = ADC_ATTEN_DB_11}; adc_oneshot_new_unit(&i, &u);"
    ' printf("%x %x %x ", adc_oneshot_new_unit(&i, &v), adc_oneshot_config_channel(u, 6, &c),'
    ' adc_oneshot_read(u, 9, &raw)); printf("%x %d ", adc_oneshot_read(u, 6, &raw), raw); adc_cali_handle_t h;'
    " adc_cali_line_fitting_config_t l = {.atten = ADC_ATTEN_DB_11}; adc_cali_create_scheme_line_fitting(&l, &h);"
    ' adc_cali_raw_to_voltage(h, 2000, &mv); printf("%d|", mv);': "105 0 102 0 0 1712|",
    "adc1_config_width(ADC_WIDTH_BIT_10); adc1_config_channel_atten(ADC1_CHANNEL_6, ADC_ATTEN_DB_11);"
    " esp_adc_cal_characteristics_t k; esp_adc_cal_characterize(ADC_UNIT_1, ADC_ATTEN_DB_11, ADC_WIDTH_BIT_10, 1100,"
    ' &k); printf("%d %d %d|", adc1_get_raw(ADC1_CHANNEL_6), (int)esp_adc_cal_raw_to_voltage(500, &k),'
    " adc1_get_raw(9));": "0 1712 -1|",
    "i2c_config_t c = {.mode = I2C_MODE_MASTER, .sda_io_num = 21, .scl_io_num = 22, .master.clk_speed = 100000};"
    ' uint8_t b[2] = {0}; printf("%x ", i2c_master_write_to_device(0, 0x38, b, 2, 10)); i2c_param_config(0, &c);'
    ' i2c_driver_install(0, I2C_MODE_MASTER, 0, 0, 0); printf("%d %d ", i2c_driver_install(0, 1, 0, 0, 0),'
    " i2c_master_write_to_device(0, 0x38, b, 2, 10)); i2c_cmd_handle_t l = i2c_cmd_link_create();"
    " i2c_master_start(l); i2c_master_write_byte(l, 0x70, true); i2c_master_stop(l);"
    ' printf("%d|", i2c_master_cmd_begin(0, l, 10)); i2c_cmd_link_delete(l);': "103 ",
    "i2c_master_bus_config_t c = {.i2c_port = 1, .sda_io_num = 21, .scl_io_num = 22}; i2c_master_bus_handle_t a, b;"
    ' printf("%x %x ", i2c_new_master_bus(&c, &a), i2c_master_get_bus_handle(0, &b)); i2c_device_config_t d ='
    " {.device_address = 0x38, .scl_speed_hz = 400000}; i2c_master_dev_handle_t v; uint8_t x[2] = {0};"
    ' printf("%x ", i2c_master_bus_add_device(a, &d, &v)); int e = i2c_master_transmit(v, x, 2, 50); printf("%x ", e);'
    ' printf("%x %x ", i2c_master_receive(v, x, 0, 50), i2c_del_master_bus(a)); i2c_master_bus_rm_device(v);'
    ' printf("%x|", i2c_del_master_bus(a));': "0 103 0 ",
    "i2c_master_bus_config_t c = {.i2c_port = -1, .sda_io_num = 21, .scl_io_num = 34}; i2c_master_bus_handle_t a;"
    ' printf("%x|", i2c_new_master_bus(&c, &a));': "102|",
    # Alarms that reload, a count that stands still while it is stopped, and states that forbid.
    "gptimer_handle_t t; gptimer_config_t c = {.direction = GPTIMER_COUNT_UP, .resolution_hz = 1000000};"
    ' printf("%x ", gptimer_new_timer(&c, &t)); gptimer_event_callbacks_t b = {on_alarm};'
    " gptimer_alarm_config_t a = {.alarm_count = 20000, .flags.auto_reload_on_alarm = 1}; uint64_t n, m;"
    " gptimer_register_event_callbacks(t, &b, (void *)1); gptimer_set_alarm_action(t, &a);"
    " int early = gptimer_start(t); gptimer_enable(t); gptimer_start(t); vTaskDelay(11); gptimer_stop(t);"
    " gptimer_get_raw_count(t, &n); vTaskDelay(3); gptimer_get_raw_count(t, &m); int late = gptimer_stop(t);"
    ' printf("%x %x %d %d %d %d|", early, late, alarms >= 4 && alarms <= 6, alarm_in_isr, at >= 20000, n == m);': (
        "103 103 1 1 1 1|"
    ),
    "gptimer_handle_t t; gptimer_config_t c = {.resolution_hz = 10000}; gptimer_new_timer(&c, &t); uint64_t n;"
    " gptimer_event_callbacks_t b = {on_alarm}; gptimer_register_event_callbacks(t, &b, (void *)1);"
    " gptimer_alarm_config_t a = {.alarm_count = 900}; gptimer_set_raw_count(t, 1000); gptimer_set_alarm_action(t, &a);"
    " gptimer_enable(t); gptimer_start(t); vTaskDelay(5); gptimer_get_raw_count(t, &n); c.resolution_hz = 1000;"
    ' gptimer_handle_t u; int slow = gptimer_new_timer(&c, &u); printf("%d %d ", alarms, n < 900);'
    ' printf("%x|", slow);': "1 1 102|",
    "i2c_config_t c = {.mode = I2C_MODE_MASTER, .sda_io_num = 34, .scl_io_num = 22, .master.clk_speed = 100000};"
    ' printf("%x|", i2c_param_config(0, &c));': "102|",
}


@pytest.mark.parametrize("number", range(len(_SAID)))
def test_drivers_answer_as_documented(run_program: RunProgram, number: int) -> None:
    run = run_program(choice_of(_SAID, head=_HEAD))
    run.choose(number)

    run.wait_for("Returned from app_main()")

    assert list(_SAID.values())[number] in run.text
    assert not run.resets


def test_frequency_beyond_the_chips_is_refused_in_its_words(run_program: RunProgram) -> None:
    run = run_program(choice_of(_SAID, head=_HEAD))
    run.choose(4)

    text = run.wait_for("102|")

    assert (
        "requested frequency and duty resolution can not be achieved, try reducing freq_hz or duty_resolution" in text
    )


def test_bus_without_parts_acknowledges_nothing(run_program: RunProgram) -> None:
    run = run_program(choice_of(_SAID, head=_HEAD))
    run.choose(7)

    assert "-1 -1 -1|" in run.wait_for("Returned from app_main()")
