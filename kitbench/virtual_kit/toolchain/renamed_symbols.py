"""Kconfig symbols that ESP-IDF has renamed: an older sdkconfig sets the new one by the old name.

Source: ESP-IDF v5.1.4, `sdkconfig.rename` of its components, as far as the virtual kit knows the new name.
"""

import re
from typing import Final

NEW_NAMES: Final = {
    "SYSTEM_EVENT_QUEUE_SIZE": "ESP_SYSTEM_EVENT_QUEUE_SIZE",
    "SYSTEM_EVENT_TASK_STACK_SIZE": "ESP_SYSTEM_EVENT_TASK_STACK_SIZE",
    "MAIN_TASK_STACK_SIZE": "ESP_MAIN_TASK_STACK_SIZE",
    "TASK_WDT_TIMEOUT_S": "ESP_TASK_WDT_TIMEOUT_S",
    "CONSOLE_UART_NUM": "ESP_CONSOLE_UART_NUM",
    "CONSOLE_UART_BAUDRATE": "ESP_CONSOLE_UART_BAUDRATE",
    "CONSOLE_UART_DEFAULT": "ESP_CONSOLE_UART_DEFAULT",
    "ESP32_DEFAULT_CPU_FREQ_MHZ": "ESP_DEFAULT_CPU_FREQ_MHZ",
    "ESP32_WIFI_ENABLED": "ESP_WIFI_ENABLED",
    "ESP32_WIFI_NVS_ENABLED": "ESP_WIFI_NVS_ENABLED",
    "TIMER_TASK_STACK_DEPTH": "FREERTOS_TIMER_TASK_STACK_DEPTH",
}
_LINE: Final = re.compile(r"^(# )?CONFIG_([A-Z0-9_]+)(?==| is not set)", re.MULTILINE)


def follow(text: str) -> str:
    """Return an sdkconfig's text with the new names; where it has both, the later line wins, as in ESP-IDF."""
    return _LINE.sub(lambda match: f"{match[1] or ''}CONFIG_{NEW_NAMES.get(match[2], match[2])}", text)
