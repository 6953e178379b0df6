"""Values that the shim headers declare, held against those that the C compiler saw in ESP-IDF v5.1.4 for the esp32."""

from typing import Final

import pytest

from tests.kitbench.virtual_kit.cpu.app_rig import Compiler

#: Expression → value. Sources: components/esp_hw_support/include/esp_interface.h, esp_wifi/include/esp_wifi_types.h,
#: soc/esp32/include/soc/clk_tree_defs.h, freertos/esp_additions/arch/xtensa/include/freertos/FreeRTOSConfig_arch.h
#: with the default of CONFIG_FREERTOS_IDLE_TASK_STACKSIZE; CryptoAuthLib 3.7.9 of esp-cryptoauthlib 3.7.9~1,
#: lib/atca_status.h and lib/atca_devtypes.h.
VALUES: Final = {
    "ESP_IF_ETH": 3,
    "ESP_IF_MAX": 4,
    "WIFI_MODE_MAX": 5,
    "WIFI_AUTH_WPA2_PSK": 3,
    "WIFI_AUTH_MAX": 11,
    "UART_SCLK_APB": 4,
    "UART_SCLK_REF_TICK": 11,
    "configMINIMAL_STACK_SIZE": 1536,
    "ATCA_BAD_PARAM": -30,
    "ATCA_EXECUTION_ERROR": -12,
    "ATCA_DEV_UNKNOWN": 126,
    "sizeof(ATCADeviceType)": 1,
    "(ATCA_STATUS)-1 < 0": 1,
}
PROGRAM: Final = """
#include "cryptoauthlib.h"
#include "driver/uart.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"

{asserts}

void app_main(void)
{{
}}
"""


def program(values: dict[str, int]) -> str:
    """Return a program that compiles when every expression has its value."""
    return PROGRAM.format(asserts="\n".join(f'_Static_assert(({e}) == {v}, "{e}");' for e, v in values.items()))


def test_values_are_esp_idfs(compiler: Compiler) -> None:
    assert compiler.build(program(VALUES))


def test_wrong_value_would_not_compile(compiler: Compiler) -> None:
    with pytest.raises(AssertionError, match="ESP_IF_ETH"):
        compiler.build(program({"ESP_IF_ETH": 2}))
