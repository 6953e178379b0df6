"""What an app asks for and the kit lacks is told to the bench, and nothing that the ESP32 would refuse, too."""

import pytest

from kitbench.errors import NO_RELAY
from kitbench.virtual_kit.cpu.host_calls.gap_names import gap_names
from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram, choice_of

_HEAD = """
#include <stdlib.h>
#include <string.h>
#include "driver/i2c.h"
#include "esp_sleep.h"
#include "esp_tls.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "kit/host.h"
#include "lwip/netdb.h"
#include "lwip/sockets.h"
#include "mqtt_client.h"
static void *volatile nothing;
static volatile int zero;
#define GPIO_BLOCK 0x3FF44000u
__attribute__((noinline)) static void set_register(uint32_t block, uint32_t bits) {
    *(volatile uint32_t *)(block + 8) = bits;
}
static void plain(void) { printf("never\\n"); }
static void nap(void *context) { (void)context; for (;;) vTaskDelay(10000); }
static const esp_mqtt_client_config_t web = {.broker.address.uri = "wss://a1-ats.iot.eu-west-1.amazonaws.com/mqtt"};
static const esp_mqtt_client_config_t locked = {.broker.address.uri = "mqtts://localhost",
                                                .credentials.authentication.key_password = "secret"};
static void start(const esp_mqtt_client_config_t *config) {
    esp_mqtt_client_handle_t client = esp_mqtt_client_init(config);
    if (client != NULL) { esp_mqtt_client_start(client); vTaskDelay(20); }
}
"""
#: What an app does → what the kit lacks for it.
_GAPS = {
    "socket(AF_INET, SOCK_DGRAM, 0);": "UDP sockets",
    "socket(AF_INET6, SOCK_STREAM, 0);": "IPv6 sockets",
    "listen(socket(AF_INET, SOCK_STREAM, 0), 1);": "sockets that wait for others to connect",
    'struct addrinfo *found; getaddrinfo("worldtime.example.org", "80", NULL, &found);':
        "the Internet (worldtime.example.org)",
    "i2c_driver_install(I2C_NUM_0, I2C_MODE_SLAVE, 256, 256, 0);": "an I2C slave",
    "wifi_init_config_t c = WIFI_INIT_CONFIG_DEFAULT(); esp_wifi_init(&c); esp_wifi_set_mode(WIFI_MODE_NAN);":
        "Wi-Fi Aware (WIFI_MODE_NAN)",
    "esp_sleep_enable_ext0_wakeup(GPIO_NUM_4, 0); esp_light_sleep_start();": "pins that wake it from sleep",
    "start(&web);": "MQTT over WebSocket",
    "start(&locked);": "private keys with a password",
    'for (int i = 0; i < 70; i++) xTaskCreate(nap, "nap", 768, NULL, 1, NULL);': "more than 64 tasks",
    'xTaskCreate((TaskFunction_t)plain, "plain", 2048, NULL, 5, NULL); vTaskDelay(10);':
        "calls of a function by another type than its own",
    "*(volatile uint32_t *)0x3FF44008 = 4;": "the peripheral register at 0x3ff44008",
    "set_register(GPIO_BLOCK + zero, 4);":
        "peripheral registers, as the app computes their addresses (0x3ff44000 …)",
}  # fmt: skip
#: Things of the same kinds that the ESP32 would refuse, too, or that the kit has.
_NO_GAPS = (
    "close(socket(AF_INET, SOCK_STREAM, 0)); close(-1);",
    'struct addrinfo *found; getaddrinfo("a1b2-ats.iot.eu-west-1.amazonaws.com", "8883", NULL, &found);',
    'struct addrinfo *found; getaddrinfo("YOUR_ENDPOINT", "8883", NULL, &found);',
    "i2c_driver_install(7, I2C_MODE_MASTER, 0, 0, 0);",
    "((void (*)(void))nothing)();",
    "*(volatile int *)nothing = 1;",
    "*(volatile uint32_t *)0x00F00000 = 1;",
    'printf("%d", 7 / zero);',
    "abort();",
)


@pytest.mark.parametrize("index", range(len(_GAPS)), ids=list(_GAPS.values()))
def test_what_is_lacking_is_told_once(run_program: RunProgram, index: int) -> None:
    run = run_program(choice_of(_GAPS, head=_HEAD), access_point=(("localhost", 8883),))

    run.choose(index)
    run.wait_for_gap()

    assert run.gaps == [list(_GAPS.values())[index]]


@pytest.mark.parametrize("index", range(len(_NO_GAPS)))
def test_what_is_lacking_on_the_chip_too_is_no_gap(run_program: RunProgram, index: int) -> None:
    run = run_program(choice_of(_NO_GAPS, head=_HEAD, tail='printf("done\\n");'), access_point=(("localhost", 8883),))

    run.choose(index)
    run.wait_for_end()

    assert not run.gaps


def test_app_that_imports_what_this_kit_has_not_is_a_gap(run_program: RunProgram) -> None:
    run = run_program(
        '__attribute__((import_module("env"), import_name("kit_of_tomorrow"))) int tomorrow(void);\n'
        "void app_main(void) { tomorrow(); }"
    )

    assert "imports env.kit_of_tomorrow" in run.wait_for_gap()


def test_firmware_that_names_gaps_of_its_own_is_not_believed(run_program: RunProgram) -> None:
    calls = f'kit_lacks("{NO_RELAY}"); kit_lacks("x"); printf("done\\n");'
    run = run_program(f'#include <stdio.h>\n#include "kit/host.h"\nvoid app_main(void) {{ {calls} }}')

    run.wait_for_end()

    assert not run.gaps


def test_names_of_the_shims_are_known() -> None:
    of_host = ("the Internet", "more", "calls", "the peripheral", "peripheral registers")
    shown = {name for name in _GAPS.values() if not name.startswith(of_host)}
    ternary = {"UDP sockets", "raw sockets", "a file system to read certificates from"}

    assert shown | ternary <= gap_names()
    assert NO_RELAY not in gap_names()
