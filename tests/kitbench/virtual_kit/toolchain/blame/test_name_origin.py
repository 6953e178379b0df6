"""Whose name a build does not know: looked up in the index that comes along."""

from pathlib import Path

import pytest

from kitbench.firmware.esp_idf_index import esp_idf_index
from kitbench.virtual_kit.toolchain.blame.kit_names import kit_names
from kitbench.virtual_kit.toolchain.blame.name_origin import NameOrigin
from kitbench.virtual_kit.toolchain.project_facts import ProjectFacts

FOR_4 = "# Espressif IoT Development Framework (ESP-IDF) 4.4.2 Project Configuration\n"


def origin(folder: Path, sdkconfig: str = "") -> NameOrigin:
    (folder / "sdkconfig").write_text(sdkconfig, encoding="utf-8")
    return NameOrigin(esp_idf_index(), ProjectFacts(folder))


@pytest.mark.parametrize(
    ("name", "lacks", "text"),
    [
        ("driver/twai.h", "header driver/twai.h (component driver)", ""),
        ("nimble/nimble_port.h", "header nimble/nimble_port.h (component bt)", ""),
        ("aws_iot_config.h", "the component esp-aws-iot, which has aws_iot_config.h: --esp-aws-iot brings it", ""),
        ("protocol_examples_utils.h", "header protocol_examples_utils.h (component protocol_examples_common)", ""),
        ("sensor.h", "", "neither in the project nor in any ESP-IDF"),
        ("Arduino.h", "", "neither in the project nor in any ESP-IDF"),
        ("mdns.h", "", "in ESP-IDF 5 it is of espressif/mdns of the component registry"),
        ("tcpip_adapter.h", "", "is of ESP-IDF 4; in ESP-IDF 5 it is esp_netif.h"),
    ],
)
def test_header(tmp_path: Path, name: str, lacks: str, text: str) -> None:
    finding = origin(tmp_path).header(name)

    assert finding.lacks == lacks
    assert text in finding.text


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("FreeRTOS/freertos.h", "freertos/FreeRTOS.h"),
        ("freertos\\task.h", "freertos/task.h"),
        ("Sensor.h", "main/sensor.h"),
        ("parts\\lamp.h", "main/parts/lamp.h"),
    ],
)
def test_spelling_of_windows_is_a_gap(tmp_path: Path, name: str, meant: str) -> None:
    (tmp_path / "main/parts").mkdir(parents=True)
    (tmp_path / "main/sensor.h").touch()
    (tmp_path / "main/parts/lamp.h").touch()

    assert origin(tmp_path).header(name).lacks == f"a file system that finds {meant} as {name}, as on Windows and macOS"


def test_header_in_a_folder_that_is_not_looked_in_is_the_projects_to_mend(tmp_path: Path) -> None:
    (tmp_path / "drivers").mkdir()
    (tmp_path / "drivers/sensor.h").touch()

    finding = origin(tmp_path).header("sensor.h")

    assert (finding.lacks, finding.text) == (
        "", "header 'sensor.h' is drivers/sensor.h, whose folder is not among the INCLUDE_DIRS",
    )  # fmt: skip


def test_what_only_esp_idf_4_has_is_a_gap_for_a_project_that_is_for_it(tmp_path: Path) -> None:
    names = origin(tmp_path, FOR_4)

    assert names.header("tcpip_adapter.h").lacks == "ESP-IDF 4, which the project is for: tcpip_adapter.h"
    assert "ESP-IDF 4" in names.identifier("system_event_t", [], "main/a.c").lacks
    assert "ESP-IDF 4" in names.identifier("portTICK_RATE_MS", [], "main/a.c").lacks
    assert "ESP-IDF 4" in names.member(["esp_mqtt_client_config_t"], "uri").lacks
    assert names.header("sensor.h").lacks == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nothing_of_anybody", "declared neither by the project nor by any ESP-IDF"),
        ("system_event_t", "is of ESP-IDF 4; in ESP-IDF 5 it is esp_event_base_t"),
        ("portTICK_RATE_MS", "is of ESP-IDF 4; in ESP-IDF 5 it is portTICK_PERIOD_MS"),
        ("esp_wifi_start", "'esp_wifi_start' is declared in esp_wifi.h, which main/a.c does not include"),
        ("bool", "'bool' is declared in stdbool.h"),
    ],
)
def test_identifier_that_esp_idf_refuses_too(tmp_path: Path, name: str, text: str) -> None:
    finding = origin(tmp_path).identifier(name, ["stdio.h"], "main/a.c")

    assert finding.lacks == ""
    assert text in finding.text


@pytest.mark.parametrize(
    ("name", "included", "lacks"),
    [
        ("twai_start", [], "twai_start of driver/twai.h (component driver)"),
        ("esp_read_mac", ["esp_mac.h"], "esp_mac.h by way of the headers that main/a.c includes"),
        ("bool", ["freertos/FreeRTOS.h"], "stdbool.h by way of the headers"),
    ],
)
def test_identifier_that_esp_idf_knows(tmp_path: Path, name: str, included: list[str], lacks: str) -> None:
    assert lacks in origin(tmp_path).identifier(name, included, "main/a.c").lacks


def test_the_kits_own_names_are_known() -> None:
    assert {"esp_wifi_start", "xTaskCreate", "ESP_LOGI", "esp_err_t", "printf", "GPIO_NUM_4"} <= kit_names()
    assert "twai_start" not in kit_names()


@pytest.mark.parametrize(
    ("types", "name", "lacks", "text"),
    [
        (
            ["esp_mqtt_client_config_t"],
            "uri",
            "",
            "field .uri of esp_mqtt_client_config_t is of ESP-IDF 4; in ESP-IDF 5 it is .bro",
        ),
        (["esp_mqtt_client_config_t"], "client_cert_pem", "", "it is .credentials.authentication.certificate"),
        (["esp_mqtt_client_config_t"], "keepalive", "", "it is .session.keepalive"),
        (["esp_mqtt_client_config_t"], "colour", "", "there is no field 'colour' in esp_mqtt_client_config_t"),
        (["ledc_timer_config_t"], "duty_resolution", "field duty_resolution of ledc_timer_config_t", ""),
        (["inner_s"], "skip_cert_common_name_check", "field skip_cert_common_name_check of inner_s", ""),
        (["inner_s"], "no_field_of_anybody", "", "there is no field"),
    ],
)
def test_field(tmp_path: Path, types: list[str], name: str, lacks: str, text: str) -> None:
    finding = origin(tmp_path).member(types, name)

    assert finding.lacks == lacks
    assert text in finding.text


def test_field_of_a_type_of_the_project_is_the_projects(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("struct inner_s { int x; };", encoding="utf-8")

    assert origin(tmp_path).member(["inner_s"], "skip_cert_common_name_check").lacks == ""


@pytest.mark.parametrize(
    ("name", "lacks", "text"),
    [
        ("twai_start", "twai_start() of driver/twai.h (component driver)", ""),
        ("tcpip_adapter_init", "", "is of ESP-IDF 4; in ESP-IDF 5 it is esp_netif_init"),
        ("_ZN5clock4tickEv", "", "'_ZN5clock4tickEv' is declared and defined nowhere"),
        ("_rodata_start", "what linker and compiler define: _rodata_start", ""),
        ("_binary_index_html_start", "", "no file of the project is embedded as '_binary_index_html_start'"),
        ("read_sensor", "", "defined neither by the project nor by any ESP-IDF"),
    ],
)
def test_symbol(tmp_path: Path, name: str, lacks: str, text: str) -> None:
    finding = origin(tmp_path).symbol(name)

    assert finding.lacks == lacks
    assert text in finding.text
