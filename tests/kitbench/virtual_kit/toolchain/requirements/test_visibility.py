"""What a component sees, as REQUIRES, PRIV_REQUIRES and the version of ESP-IDF have it."""

from pathlib import Path

import pytest

from kitbench.virtual_kit.toolchain.project.component import CompileSettings, Component
from kitbench.virtual_kit.toolchain.requirements.visibility import Visibility, is_same, visibility_of


def component(name: str, requires: str = "", private: str = "", folder: Path = Path("/p/components")) -> Component:
    return Component(name, folder / name, requires=requires.split(), private_requires=private.split())


def of_main(requires: str = "", private: str = "", version: str = "5.1") -> Visibility:
    main = component("main", requires, private)
    return visibility_of(main, [main], version)


@pytest.mark.parametrize(
    ("requires", "version", "header", "owner"),
    [
        ("nvs_flash", "5.1", "driver/gpio.h", "driver"),
        ("nvs_flash", "5.1", "nvs_flash.h", ""),
        ("nvs_flash", "5.1", "esp_partition.h", ""),  # nvs_flash requires esp_partition
        ("esp_wifi", "5.1", "esp_event.h", ""),
        ("mqtt", "5.1", "esp_tls.h", ""),  # by way of tcp_transport
        ("nvs_flash", "5.1", "esp_wifi.h", "esp_wifi"),
        ("nvs_flash", "5.1", "cJSON.h", "json"),
        ("nvs_flash", "5.1", "esp_timer.h", "esp_timer"),
        ("nvs_flash", "5.1", "esp_system.h", ""),
        ("nvs_flash", "5.1", "freertos/task.h", ""),
        ("nvs_flash", "5.1", "string.h", ""),
        ("esp_driver_gpio", "5.1", "driver/gpio.h", ""),
        ("nvs_flash", "5.1", "sensor.h", ""),  # of no ESP-IDF
        ("nvs_flash", "4.4", "driver/gpio.h", ""),
        ("nvs_flash", "4.4", "esp_wifi.h", ""),
        ("nvs_flash", "4.4", "mqtt_client.h", "mqtt"),
    ],
)
def test_headers_of_what_is_required_are_seen(requires: str, version: str, header: str, owner: str) -> None:
    assert of_main(requires, version=version).hidden_of_esp_idf(header) == owner


def test_main_that_names_nothing_sees_everything_and_no_other_does() -> None:
    main, other = component("main"), component("other")

    assert of_main().hidden_of_esp_idf("driver/gpio.h") == ""
    assert visibility_of(other, [main, other], "5.1").hidden_of_esp_idf("driver/gpio.h") == "driver"
    assert visibility_of(other, [main, other], "5.1", sees_all=True).hidden_of_esp_idf("driver/gpio.h") == ""


def test_link_shows_headers_and_does_not_take_mains_rule_away() -> None:
    main, other = component("main"), component("other")
    for one in (main, other):
        one.links.append("mqtt")

    assert visibility_of(main, [main, other], "5.1").names is None
    assert visibility_of(other, [main, other], "5.1").hidden_of_esp_idf("mqtt_client.h") == ""


def test_private_requirements_of_others_are_not_seen() -> None:
    one = component("one", requires="two")
    two = component("two", requires="json", private="driver")

    seen = visibility_of(one, [one, two], "5.1")

    assert seen.hidden_of_esp_idf("cJSON.h") == ""
    assert seen.hidden_of_esp_idf("driver/gpio.h") == "driver"


def test_header_of_a_component_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "sensor").mkdir()
    (tmp_path / "sensor/sensor.h").touch()
    main, sensor = component("main", "json", folder=tmp_path), component("sensor", folder=tmp_path)
    sensor.public = CompileSettings(include_dirs=[tmp_path / "sensor"])

    assert visibility_of(main, [main, sensor], "5.1").hidden_of_project("sensor.h") == "sensor"
    main.requires.append("sensor")
    assert visibility_of(main, [main, sensor], "5.1").hidden_of_project("sensor.h") == ""


def test_refusal_says_which_list_of_which_component() -> None:
    main, sensor = component("main", "sensor", "json"), component("sensor", private="driver")
    seen = visibility_of(main, [main, sensor], "5.1")

    assert "add nvs_flash to PRIV_REQUIRES in main's" in seen.refusal("nvs.h", "nvs_flash", main.folder / "a.c")
    assert "add nvs_flash to REQUIRES in sensor's" in seen.refusal("nvs.h", "nvs_flash", sensor.folder / "s.h")
    assert "move it from PRIV_REQUIRES to REQUIRES in sensor's" in seen.refusal(
        "driver/gpio.h", "driver", sensor.folder / "s.h"
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("mdns", "espressif__mdns", True), ("espressif__mdns", "mdns", True), ("mdns", "dns", False)],
)
def test_namespace_of_a_managed_component(one: str, other: str, *, same: bool) -> None:
    assert is_same(one, other) is same
