"""Firmware and the parts at its pins: what a driver of each kind reads and shows, and nothing at other pins."""

import time
from collections.abc import Callable, Mapping
from typing import Final

import pytest

from kitbench.board.board_file import parse_board
from tests.kitbench.virtual_kit.cpu.app_rig import TIMEOUT_S, Run, RunProgram, choice_of

BOARD: Final = """
[parts.old]
kind = "AHT10"
sda = 18
scl = 19
[parts.new]
kind = "AHT20"
sda = 27
scl = 33
[parts.dht]
kind = "DHT22"
pin = 4
[parts.knob]
kind = "analogue"
pin = 34
[parts.lamp]
kind = "LED"
pin = 2
[parts.low_lamp]
kind = "LED"
pin = 5
active_low = true
"""
HEAD: Final = """
#include <stdint.h>
#include "driver/adc.h"
#include "driver/gpio.h"
#include "driver/i2c.h"
#include "driver/i2c_master.h"
#include "driver/ledc.h"
#include "driver/mcpwm.h"
#include "esp_adc/adc_cali_scheme.h"
#include "esp_adc/adc_oneshot.h"
#include "esp_rom_sys.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
static void bus(int sda, int scl) {
    i2c_config_t c = {.mode = I2C_MODE_MASTER, .sda_io_num = sda, .scl_io_num = scl, .master.clk_speed = 100000};
    i2c_param_config(0, &c); i2c_driver_install(0, I2C_MODE_MASTER, 0, 0, 0);
}
static int aht(uint8_t address, uint8_t init, int size, uint8_t *b) {
    const uint8_t start[] = {init, 8, 0}, measure[] = {0xAC, 0x33, 0};
    int e = i2c_master_write_to_device(0, address, start, 3, 10); vTaskDelay(2);
    e |= i2c_master_write_to_device(0, address, measure, 3, 10); vTaskDelay(9);
    e |= i2c_master_read_from_device(0, address, b, size, 10); return e;
}
static i2c_master_dev_handle_t device(int sda, int scl, uint16_t address, i2c_master_bus_handle_t *bus) {
    i2c_master_bus_config_t c = {.i2c_port = -1, .sda_io_num = sda, .scl_io_num = scl, .glitch_ignore_cnt = 7};
    i2c_device_config_t d = {.device_address = address, .scl_speed_hz = 100000}; i2c_master_dev_handle_t made = NULL;
    i2c_new_master_bus(&c, bus); i2c_master_bus_add_device(*bus, &d, &made); return made;
}
static void say(const uint8_t *b) {
    unsigned wet = b[1] << 12 | b[2] << 4 | b[3] >> 4, warm = (b[3] & 15) << 16 | b[4] << 8 | b[5];
    printf("%.2f %.2f|\\n", warm * 200.0 / 1048576 - 50, wet * 100.0 / 1048576);
}
static int dht_level(int pin, int level, int limit) { int us = 0;
    while (gpio_get_level(pin) == level) { if (us++ > limit) { return -1; } ets_delay_us(1); } return us; }
static int dht(int pin, uint8_t *b, int start_us) {
    gpio_set_direction(pin, GPIO_MODE_OUTPUT); gpio_set_level(pin, 0); ets_delay_us(start_us); gpio_set_level(pin, 1);
    ets_delay_us(25); gpio_set_direction(pin, GPIO_MODE_INPUT);
    if (dht_level(pin, 1, 90) < 0 || dht_level(pin, 0, 90) < 0 || dht_level(pin, 1, 90) < 0) { return -1; }
    for (int i = 0; i < 40; i++) { if (dht_level(pin, 0, 70) < 0) { return -2; }
        int high = dht_level(pin, 1, 90); if (high < 0) { return -3; } b[i / 8] = b[i / 8] << 1 | (high > 40); }
    return (uint8_t)(b[0] + b[1] + b[2] + b[3]) == b[4] ? 0 : -4;
}
static int dht_by_clock(int pin, uint8_t *b) { /* lengths by esp_timer_get_time, open drain */
    gpio_set_direction(pin, GPIO_MODE_INPUT_OUTPUT_OD); gpio_set_level(pin, 0); vTaskDelay(2); gpio_set_level(pin, 1);
    int64_t edges[84]; int n = 0, before = 1; const int64_t end = esp_timer_get_time() + 7000;
    while (n < 84 && esp_timer_get_time() < end) { int now = gpio_get_level(pin);
        if (now != before) { edges[n++] = esp_timer_get_time(); before = now; } }
    if (n < 83) { return n; }
    for (int i = 0; i < 40; i++) { b[i / 8] = b[i / 8] << 1 | (edges[2 * i + 4] - edges[2 * i + 3] > 45); }
    return (uint8_t)(b[0] + b[1] + b[2] + b[3]) == b[4] ? 0 : -4;
}
static void say_dht(const uint8_t *b) {
    int t = (b[2] & 127) << 8 | b[3];
    printf("%.1f %.1f|\\n", (b[2] & 128 ? -t : t) / 10.0, (b[0] << 8 | b[1]) / 10.0); }
"""
AHT20: Final = 'uint8_t b[7]; bus(27, 33); printf("%d %x ", aht(0x38, 0xBE, 7, b), b[0]); say(b);'
READS: Final[Mapping[str, tuple[str, Mapping[str, object]]]] = {
    AHT20: ("0 18 31.50 62.25|", {"new.temperature": 31.5, "new.humidity": 62.25}),
    'uint8_t b[6]; bus(18, 19); printf("%d %x ", aht(0x38, 0xE1, 6, b), b[0]); say(b);': (
        "0 18 -12.75 3.00|",
        {"old.temperature": -12.75, "old.humidity": 3},
    ),
    # An AHT10 that was begun like an AHT20 is not calibrated, and measures nothing.
    'uint8_t b[6]; bus(18, 19); printf("%d %x ", aht(0x38, 0xBE, 6, b), b[0]); say(b);': ("0 10 -50.00 0.00|", {}),
    # At other pins and addresses nobody is.
    'uint8_t b[7]; bus(33, 27); printf("%d|\\n", aht(0x38, 0xBE, 7, b));': ("-1|", {}),
    'uint8_t b[7]; bus(27, 33); printf("%d|\\n", aht(0x39, 0xBE, 7, b));': ("-1|", {}),
    # Read at once, it is busy, and has its values of before; after 80 ms they are there.
    "uint8_t b[7]; bus(27, 33); const uint8_t measure[] = {0xAC, 0x33, 0}; aht(0x38, 0xBE, 7, b);"
    ' i2c_master_write_read_device(0, 0x38, measure, 3, b, 7, 10); printf("%d ", b[0] >> 7);'
    " do { vTaskDelay(1); i2c_master_read_from_device(0, 0x38, b, 7, 10); } while (b[0] & 0x80); say(b);": (
        "1 40.00 20.00|",
        {"new.temperature": 40, "new.humidity": 20},
    ),
    # The other way to talk: a link of commands, its last byte without an acknowledgement.
    "uint8_t b[7]; bus(27, 33); aht(0x38, 0xBE, 7, b); i2c_cmd_handle_t l = i2c_cmd_link_create();"
    " i2c_master_start(l);"
    " i2c_master_write_byte(l, 0x71, true); i2c_master_read(l, b, 5, I2C_MASTER_ACK); i2c_master_read_byte(l, b + 5,"
    ' I2C_MASTER_NACK); i2c_master_stop(l); printf("%d ", i2c_master_cmd_begin(0, l, 10)); say(b);': (
        "0 7.25 99.00|",
        {"new.temperature": 7.25, "new.humidity": 99},
    ),
    # The driver of 5.2 and later: a probe, a measurement, and the code of a part that is not there.
    "uint8_t b[7]; i2c_master_bus_handle_t bus; i2c_master_dev_handle_t d = device(27, 33, 0x38, &bus);"
    " const uint8_t start[] = {0xBE, 8, 0}, measure[] = {0xAC, 0x33, 0}; i2c_master_transmit(d, start, 3, -1);"
    " vTaskDelay(2); i2c_master_transmit(d, measure, 3, -1); vTaskDelay(9); i2c_master_receive(d, b, 7, -1);"
    ' printf("%x %x %x ", i2c_master_probe(bus, 0x38, 50), i2c_master_probe(bus, 0x39, 50), i2c_del_master_bus(bus));'
    " say(b);": (
        "0 105 103 12.50 48.00|",
        {"new.temperature": 12.5, "new.humidity": 48},
    ),
    "uint8_t b[7] = {0}; i2c_master_bus_handle_t bus; i2c_master_dev_handle_t d = device(27, 33, 0x38, &bus); const"
    " uint8_t measure[] = {0xAC, 0x33, 0}, init[] = {0xBE, 8, 0}; i2c_master_transmit(d, init, 3, -1); vTaskDelay(2);"
    ' printf("%x ", i2c_master_transmit_receive(d, measure, 3, b, 1, -1)); printf("%d|\\n", b[0] >> 7);': ("0 1|", {}),
    'uint8_t b[5]; printf("%d ", dht(4, b, 1100)); say_dht(b);': (
        "0 -7.3 55.4|",
        {"dht.temperature": -7.3, "dht.humidity": 55.4},
    ),
    'uint8_t b[5]; printf("%d ", dht_by_clock(4, b)); say_dht(b);': (
        "0 33.1 12.6|",
        {"dht.temperature": 33.1, "dht.humidity": 12.6},
    ),
    # Within two seconds it sends what it measured last, however the clock went on.
    'uint8_t b[5]; dht(4, b, 1100); int64_t t = esp_timer_get_time(); vTaskDelay(5); t = esp_timer_get_time() - t;'
    ' printf("%d %d ", dht(4, b, 1100), t >= 45000 && t < 2000000);'
    ' say_dht(b);': ("0 1 1.0 2.0|", {"dht.temperature": 1, "dht.humidity": 2}),
    # Too short a start, and another pin: no answer.
    'uint8_t b[5]; printf("%d ", dht(16, b, 1100)); gpio_set_direction(4, GPIO_MODE_INPUT); printf("%d|\\n",'
    ' gpio_get_level(4));': ("-1 1|", {}),
    "adc_oneshot_unit_handle_t u; adc_oneshot_unit_init_cfg_t i = {.unit_id = ADC_UNIT_1}; int raw, mv;"
    " adc_cali_handle_t h;"
    " adc_oneshot_chan_cfg_t c = {.atten = ADC_ATTEN_DB_11}; adc_oneshot_new_unit(&i, &u);"
    " adc_oneshot_config_channel(u, 6, &c);"
    " adc_cali_line_fitting_config_t l = {.atten = ADC_ATTEN_DB_11}; adc_cali_create_scheme_line_fitting(&l, &h);"
    " adc_oneshot_read(u, 6, &raw); adc_cali_raw_to_voltage(h, raw, &mv); int open; adc_oneshot_read(u, 7, &open);"
    ' printf("%d %d|\\n", mv, open);': ("1234 0|", {"knob.voltage": 1.234}),
    "adc1_config_width(ADC_WIDTH_BIT_10); adc1_config_channel_atten(ADC1_CHANNEL_6, ADC_ATTEN_DB_0);"
    ' printf("%d|\\n", adc1_get_raw(ADC1_CHANNEL_6));': ("1023|", {"knob.voltage": 2.0}),
}  # fmt: skip
SHOWS: Final[Mapping[str, Mapping[str, object]]] = {
    "gpio_set_direction(2, GPIO_MODE_OUTPUT); gpio_set_level(2, 1);": {"is_on": True, "duty": 1.0, "frequency": 0},
    "gpio_set_level(2, 1);": {"is_on": False, "duty": 0.0, "frequency": 0},  # without a direction
    "gpio_set_direction(2, GPIO_MODE_OUTPUT); gpio_set_level(2, 1); gpio_reset_pin(2);": {"is_on": False},
    "ledc_timer_config_t t = {.speed_mode = 1, .duty_resolution = 10, .freq_hz = 4000}; ledc_timer_config(&t);"
    " ledc_channel_config_t c = {.gpio_num = 2, .speed_mode = 1}; ledc_channel_config(&c); ledc_set_duty(1, 0, 256);"
    " ledc_update_duty(1, 0);": {"is_on": True, "duty": 0.25, "frequency": 4000},
    "ledc_timer_config_t t = {.speed_mode = 1, .duty_resolution = 10, .freq_hz = 4000}; ledc_timer_config(&t);"
    " ledc_channel_config_t c = {.gpio_num = 2, .speed_mode = 1, .duty = 100}; ledc_channel_config(&c);"
    " ledc_stop(1, 0, 0);": {"is_on": False, "duty": 0.0, "frequency": 0},
    # A servo: 1.5 ms of 20, and what its driver does otherwise.
    "mcpwm_gpio_init(0, MCPWM0A, 2); mcpwm_config_t c = {.frequency = 50, .counter_mode = MCPWM_UP_COUNTER};"
    " mcpwm_init(0, 0, &c); mcpwm_set_duty_in_us(0, 0, MCPWM_OPR_A, 1500);": {"duty": 0.075, "frequency": 50},
    "mcpwm_config_t c = {.frequency = 1000, .cmpr_b = 30, .counter_mode = MCPWM_UP_COUNTER}; mcpwm_init(1, 2, &c);"
    " mcpwm_gpio_init(1, MCPWM2B, 2); mcpwm_set_duty_type(1, 2, MCPWM_GEN_B, MCPWM_DUTY_MODE_1);"
    " mcpwm_set_frequency(1, 2, 500);": {"duty": 0.7, "frequency": 500},
    "mcpwm_gpio_init(0, MCPWM0A, 2); mcpwm_set_duty(0, 0, MCPWM_GEN_A, 50);": {"is_on": False},  # not begun
    "mcpwm_config_t c = {.frequency = 1000, .cmpr_a = 30, .counter_mode = MCPWM_UP_COUNTER}; mcpwm_init(0, 0, &c);"
    " mcpwm_gpio_init(0, MCPWM0A, 2); mcpwm_stop(0, 0);": {"is_on": False},
}


def start(run_program: RunProgram, statements: tuple[str, ...], index: int) -> Run:
    program = choice_of(statements, head=HEAD, tail='printf("done\\n"); for (;;) { vTaskDelay(100); }')
    run: Run = run_program(program, board=parse_board("rig", BOARD))
    run.choose(index)
    return run


@pytest.mark.parametrize("index", range(len(READS)))
def test_firmware_reads_what_the_part_measures(run_program: RunProgram, index: int) -> None:
    expected, values = tuple(READS.values())[index]
    run = run_program(choice_of(READS, head=HEAD, tail='printf("done\\n");'), board=parse_board("rig", BOARD))
    run.table.set(values)
    run.choose(index)

    said = run.wait_for("done").split("which?\r\n")[1]

    assert said.split("\r\n")[0] == expected


@pytest.mark.parametrize("index", range(len(SHOWS)))
def test_a_lamp_shows_what_its_pin_puts_out(run_program: RunProgram, index: int) -> None:
    run = start(run_program, tuple(SHOWS), index)
    run.wait_for("done")

    state = run.table.state()

    assert state["lamp"].items() >= tuple(SHOWS.values())[index].items()
    assert state["low_lamp"]["is_on"] is False


def test_a_lamp_is_dark_once_the_chip_is_held(run_program: RunProgram) -> None:
    run = start(run_program, ("gpio_set_direction(5, GPIO_MODE_OUTPUT); gpio_set_level(5, 0);",), 0)
    run.wait_for("done")
    assert run.table.state()["low_lamp"]["is_on"] is True

    run.stop()

    _await(lambda: run.table.state()["low_lamp"]["is_on"] is False)


def test_a_part_that_is_unplugged_does_not_answer(run_program: RunProgram) -> None:
    run = run_program(choice_of([AHT20], head=HEAD, tail='printf("done\\n");'), board=parse_board("rig", BOARD))
    run.table.set({"new.fitted": False})
    run.choose(0)

    assert "-1 " in run.wait_for("done")


def test_interrupts_from_a_single_wire_are_refused_and_counted_as_a_gap(run_program: RunProgram) -> None:
    listen = 'gpio_install_isr_service(0); printf("%x ", gpio_isr_handler_add(4, NULL, NULL));'
    run = run_program(choice_of([listen], head=HEAD, tail='printf("done\\n");'), board=parse_board("rig", BOARD))
    run.choose(0)

    assert "106 done" in run.wait_for("done")
    assert run.gaps == ["interrupts from a DHT22's wire"]


def _await(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
