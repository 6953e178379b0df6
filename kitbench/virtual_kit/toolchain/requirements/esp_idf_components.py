"""What ESP-IDF's own components require publicly: whoever requires the one sees the other, too.

Source: the components' CMakeLists.txt and `tools/cmake/build.cmake` (`requires_common`) of release/v4.4 and
release/v5.1, esp-mqtt's at the commits that these name; for the ESP32, without Bluetooth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class EspIdfComponents:
    """One version.

    Attributes:
        common: what every component sees.
        requires: component → what its users see with it; a component that is not in it brings nothing along.
    """

    common: frozenset[str]
    requires: Mapping[str, frozenset[str]]


def _table(text: str) -> dict[str, frozenset[str]]:
    lines = (line.split(":") for line in text.strip().splitlines())
    return {name.strip(): frozenset(required.split()) for name, required in lines}


_V4_4: Final = """
    app_update: spi_flash partition_table bootloader_support
    bootloader_support: soc
    coap: lwip mbedtls
    console: vfs
    driver: esp_pm esp_ringbuf freertos soc hal esp_hw_support
    esp-tls: mbedtls
    esp32: xtensa driver efuse soc
    esp_adc_cal: driver
    esp_common: esp32
    esp_eth: esp_event
    esp_event: log esp_common freertos esp_netif
    esp_http_client: nghttp
    esp_http_server: nghttp
    esp_https_ota: esp_http_client bootloader_support
    esp_https_server: esp_http_server esp-tls
    esp_hw_support: soc efuse esp_ipc
    esp_local_ctrl: protocomm esp_https_server
    esp_netif: lwip esp_eth tcpip_adapter
    esp_system: spi_flash
    esp_timer: esp_common
    esp_websocket_client: lwip esp-tls tcp_transport nghttp
    esp_wifi: esp_event esp_phy
    fatfs: wear_levelling sdmmc
    freertos: app_trace esp_timer
    hal: soc
    libsodium: mbedtls
    lwip: vfs esp_wifi
    mbedtls: lwip
    mdns: lwip console esp_netif
    mqtt: esp_event tcp_transport
    nvs_flash: spi_flash newlib
    openssl: mbedtls
    sdmmc: driver
    spi_flash: hal
    spiffs: spi_flash
    tcp_transport: esp-tls
    tcpip_adapter: esp_netif
    touch_element: driver
    wear_levelling: spi_flash
    wifi_provisioning: lwip protocomm
"""
_V5_1: Final = """
    app_trace: esp_timer
    app_update: partition_table bootloader_support esp_app_format esp_partition
    bootloader_support: soc
    console: vfs
    driver: esp_pm esp_ringbuf freertos soc hal esp_hw_support
    esp-tls: mbedtls
    esp_eth: esp_event
    esp_event: log esp_common freertos
    esp_http_client: lwip esp_event
    esp_http_server: http_parser esp_event
    esp_https_ota: esp_http_client bootloader_support esp_app_format esp_event
    esp_https_server: esp_http_server esp-tls
    esp_hw_support: soc
    esp_local_ctrl: protocomm esp_https_server
    esp_netif: esp_event
    esp_netif_stack: lwip
    esp_system: spi_flash
    esp_timer: esp_common
    esp_wifi: esp_event esp_phy esp_netif
    fatfs: wear_levelling sdmmc
    hal: soc esp_rom
    mqtt: esp_event tcp_transport
    nvs_flash: esp_partition spi_flash
    sdmmc: driver
    spi_flash: hal
    spiffs: esp_partition
    tcp_transport: esp-tls lwip esp_timer
    touch_element: driver
    ulp: driver esp_adc
    wear_levelling: esp_partition
    wifi_provisioning: lwip protocomm
"""
_COMMON: Final = "cxx newlib freertos esp_hw_support heap log soc hal esp_rom esp_common esp_system xtensa"

#: Version → its components.
ESP_IDF_COMPONENTS: Final[Mapping[str, EspIdfComponents]] = {
    "4.4": EspIdfComponents(frozenset([*_COMMON.split(), "lwip"]), _table(_V4_4)),
    "5.1": EspIdfComponents(frozenset(_COMMON.split()), _table(_V5_1)),
}
