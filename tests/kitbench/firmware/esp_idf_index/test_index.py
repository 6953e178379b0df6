"""The index that comes along: facts that ESP-IDF's documents tell, too."""

import pytest

from kitbench.firmware.esp_idf_index import IDENTIFIERS, Kind, esp_idf_index
from kitbench.firmware.esp_idf_index.names_file import NAMES_FILE

ALL = ("4.4", "5.1", "5.3", "5.5")
SINCE_5 = ALL[1:]


@pytest.mark.parametrize(
    ("name", "kind", "versions"),
    [
        ("driver/ledc.h", Kind.HEADER, ALL),
        ("rom/ets_sys.h", Kind.HEADER, ALL),
        ("hal/gpio_ll.h", Kind.HEADER, ALL),
        ("tcpip_adapter.h", Kind.HEADER, ("4.4",)),
        ("esp_adc/adc_oneshot.h", Kind.HEADER, SINCE_5),
        ("esp_mqtt_client_config_t.uri", Kind.FIELD, ("4.4",)),
        ("esp_mqtt_client_config_t.broker.address.uri", Kind.FIELD, SINCE_5),
        ("xTaskCreatePinnedToCore", Kind.FUNCTION, ALL),
        ("system_event_t", Kind.TYPE, ("4.4",)),
        ("ESP_ERROR_CHECK", Kind.MACRO, ALL),
        ("WIFI_EVENT_STA_START", Kind.ENUMERATOR, ALL),
        ("cJSON_Parse", Kind.FUNCTION, ALL),
        ("mbedtls_x509_crt_parse", Kind.FUNCTION, ALL),
        ("setjmp", Kind.FUNCTION, ALL),
        ("ESP_WIFI_SSID", Kind.KCONFIG, ()),
        ("PARTITION_TABLE_CUSTOM", Kind.KCONFIG, ALL),
        ("spiffs_create_partition_image", Kind.CMAKE, ALL),
        ("esp_http_server", Kind.COMPONENT, ALL),
        ("gpio.h", Kind.HEADER, ()),
        ("no_such_function", Kind.FUNCTION, ()),
    ],
)
def test_names_are_of_the_versions_that_have_them(name: str, kind: Kind, versions: tuple[str, ...]) -> None:
    found = esp_idf_index().find(name, kind)

    assert tuple(sorted({version for origin in found for version in origin.versions})) == versions


def test_a_name_says_whose_it_is() -> None:
    (origin,) = esp_idf_index().find("adc_oneshot_new_unit", *IDENTIFIERS)

    assert (origin.component, origin.header) == ("esp_adc", "esp_adc/adc_oneshot.h")


def test_headers_that_come_with_others_are_known() -> None:
    seen = esp_idf_index().included_by(["freertos/FreeRTOS.h"], "5.1")

    assert {"freertos/FreeRTOS.h", "esp_system.h", "freertos/portmacro.h", "stdint.h"} <= seen
    assert "driver/ledc.h" not in seen
    assert "mqtt_client.h" not in seen


def test_header_of_nobody_brings_nothing() -> None:
    assert esp_idf_index().included_by(["my_own.h"], "5.1") == {"my_own.h"}


def test_the_index_is_compact() -> None:
    assert NAMES_FILE.stat().st_size < 1_000_000
