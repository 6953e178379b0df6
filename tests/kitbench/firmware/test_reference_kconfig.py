"""Every Kconfig symbol that the reference firmware sets or uses exists: in its own menu, or in what it builds upon."""

import re
from pathlib import Path
from typing import Final

import pytest

from kitbench.firmware import sdkconfig

FIRMWARE: Final = Path(__file__).parents[3] / "firmware" / "subscribe_publish"
SETTINGS: Final = sorted(FIRMWARE.glob("sdkconfig.*"))
SOURCES: Final = sorted(
    path for path in (FIRMWARE / "main").rglob("*") if path.suffix in {".c", ".h"} or path.name == "CMakeLists.txt"
)
#: Symbol → the Kconfig file that declares it; each was looked up in ESP-IDF v5.1.4 and again in v5.5.
ESP_IDF: Final = {
    "ESPTOOLPY_FLASHSIZE_4MB": "components/esptool_py/Kconfig.projbuild",
    "PARTITION_TABLE_CUSTOM": "components/partition_table/Kconfig.projbuild",
    "PARTITION_TABLE_CUSTOM_FILENAME": "components/partition_table/Kconfig.projbuild",
    "ETH_USE_ESP32_EMAC": "components/esp_eth/Kconfig",
    "ETH_USE_OPENETH": "components/esp_eth/Kconfig",
    "ESP_TLS_USE_SECURE_ELEMENT": "components/esp-tls/Kconfig",
    "ESP_CONSOLE_UART_NUM": "components/esp_system/Kconfig",
    "LOG_DEFAULT_LEVEL": "components/log/Kconfig (v5.1.4), components/log/Kconfig.level (v5.5)",
}
#: The same for the component that main/idf_component.yml pins: esp-cryptoauthlib 3.7.9~1, Kconfig.
CRYPTOAUTHLIB: Final = {"ATECC608A_TCUSTOM", "ATCA_I2C_ADDRESS", "ATCA_I2C_SDA_PIN", "ATCA_I2C_SCL_PIN"}


def own_symbols() -> set[str]:
    """Return what the project's own menu declares."""
    text = (FIRMWARE / "main" / "Kconfig.projbuild").read_text("utf-8")
    return set(re.findall(r"^\s*(?:menu)?config (\w+)$", text, re.MULTILINE))


def unknown(symbols: set[str]) -> set[str]:
    """Return the symbols that nothing declares."""
    return symbols - own_symbols() - set(ESP_IDF) - CRYPTOAUTHLIB


@pytest.mark.parametrize("path", SETTINGS, ids=lambda path: path.name)
def test_settings_set_only_what_exists(path: Path) -> None:
    values = sdkconfig.parse(path.read_text("utf-8"))

    assert values
    assert unknown(set(values)) == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_sources_use_only_what_exists(path: Path) -> None:
    assert unknown(set(re.findall(r"\bCONFIG_(\w+)", path.read_text("utf-8")))) == set()


def test_a_symbol_that_nothing_declares_is_seen() -> None:
    assert unknown({"ETH_USE_OPENETH", "ETH_USE_OPEN_ETH"}) == {"ETH_USE_OPEN_ETH"}


def test_nothing_is_pinned_that_is_not_used() -> None:
    used = set().union(*(sdkconfig.parse(path.read_text("utf-8")) for path in SETTINGS))
    used |= {name for path in SOURCES for name in re.findall(r"\bCONFIG_(\w+)", path.read_text("utf-8"))}

    assert (set(ESP_IDF) | CRYPTOAUTHLIB) - used == set()
