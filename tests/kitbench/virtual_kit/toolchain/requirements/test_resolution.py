"""Components that a project requires and that do not exist."""

from pathlib import Path

import pytest

from kitbench.errors import GapError, KitError
from kitbench.virtual_kit.toolchain.project.component import Component
from kitbench.virtual_kit.toolchain.project.manifest import Dependency
from kitbench.virtual_kit.toolchain.project.project_file import ProjectFile
from kitbench.virtual_kit.toolchain.requirements.resolution import check_requirements

FILE = ProjectFile("small", "", (), (), ("protocol_examples_common",), (Dependency("espressif/mdns", "", "", "m"),))
WITHOUT = ProjectFile("small", "", (), ())


def check(name: str, file: ProjectFile = FILE, version: str = "5.1") -> None:
    components = [Component("main", Path("/p/main"), requires=[name]), Component("a__led", Path("/p/components/led"))]
    check_requirements(file, components, version)


@pytest.mark.parametrize(
    "name",
    ["driver", "led", "main", "mdns", "protocol_examples_common", "esp_driver_i2c", "espressif__esp-cryptoauthlib"],
)
def test_component_that_there_is(name: str) -> None:
    check(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "sensors",
            "main/CMakeLists.txt: component 'sensors' is required, and is neither in the project nor in ESP-IDF",
        ),
        ("esp_adc_cal", "'esp_adc_cal' is of ESP-IDF 4; in ESP-IDF 5 it is esp_adc"),
        ("mdns", "'mdns' is of ESP-IDF 4; in ESP-IDF 5 it is espressif/mdns of the component registry"),
        ("protocol_examples_common", "EXTRA_COMPONENT_DIRS leads there"),
    ],
)
def test_component_that_esp_idf_does_not_resolve_either(name: str, message: str) -> None:
    with pytest.raises(KitError) as caught:
        check(name, WITHOUT)

    assert message in str(caught.value)


def test_version_decides() -> None:
    check("esp_adc_cal", WITHOUT, "4.4")


def test_component_of_esp_aws_iot_is_a_gap_that_says_what_brings_it() -> None:
    with pytest.raises(GapError, match="--esp-aws-iot brings it"):
        check("coreMQTT", WITHOUT)
