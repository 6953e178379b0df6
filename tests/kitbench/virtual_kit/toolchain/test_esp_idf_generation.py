"""Which ESP-IDF a project is for."""

from pathlib import Path

import pytest

from kitbench.errors import GapError, UsageError
from kitbench.virtual_kit.toolchain.esp_idf_generation import generation_of
from kitbench.virtual_kit.toolchain.kconfig import Configuration
from kitbench.virtual_kit.toolchain.project.compile_options import settings_of_options
from kitbench.virtual_kit.toolchain.project.platformio import PlatformIoProject

OLD = "# Espressif IoT Development Framework (ESP-IDF) Project Configuration\n#\n"


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({}, "v5.1.4"),
        ({"sdkconfig": OLD.replace("(ESP-IDF)", "(ESP-IDF) 5.3.1")}, "v5.1.4"),
        ({"sdkconfig": 'CONFIG_IDF_INIT_VERSION="5.2.0"'}, "v5.1.4"),
        ({"sdkconfig": OLD + "CONFIG_IDF_CMAKE=y"}, "v4.4.8"),
        ({"sdkconfig": OLD + "CONFIG_SOC_UART_NUM=3"}, "v5.1.4"),
        ({"sdkconfig": OLD, "main/a.c": ".broker.address.uri = x"}, "v5.1.4"),
        ({"sdkconfig": OLD, "main/a.c": '#include "driver/i2c_master.h"'}, "v5.1.4"),
        ({"sdkconfig": OLD, "main/a.c": '#include "esp_event_loop.h"\n.uri = x'}, "v4.4.8"),
        ({"dependencies.lock": "dependencies:\n  idf:\n    source:\n      type: idf\n    version: 4.4.7\n"}, "v4.4.8"),
    ],
)
def test_project_says_what_it_is_for(tmp_path: Path, files: dict[str, str], version: str) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    generation = generation_of(tmp_path)

    assert generation.version == version
    assert generation.cmake_variables()["IDF_VERSION_MAJOR"] == version[1]


@pytest.mark.parametrize(("required", "major"), [('"jsmn"', "4"), ('"mbedtls"', "5")])
def test_esp_aws_iot_of_2019_says_it_where_nothing_else_does(tmp_path: Path, required: str, major: str) -> None:
    sdk = tmp_path / "components/esp-aws-iot"
    (sdk / "port").mkdir(parents=True)
    (sdk / "aws-iot-device-sdk-embedded-C/src").mkdir(parents=True)
    (sdk / "port/network_mbedtls_wrapper.c").touch()
    (sdk / "CMakeLists.txt").write_text(f"set(COMPONENT_PRIV_REQUIRES {required})\nregister_component()\n")

    assert generation_of(tmp_path).major == major
    (tmp_path / "sdkconfig").write_text(OLD.replace("(ESP-IDF)", "(ESP-IDF) 5.3.1"))
    assert generation_of(tmp_path).major == "5"


def test_platformio_says_it_where_nothing_else_does(tmp_path: Path) -> None:
    layout = PlatformIoProject(tmp_path, "sdkconfig", settings_of_options([]), (), "4.4")

    assert generation_of(tmp_path, platformio=layout).major == "4"


def test_environments_own_sdkconfig_of_platformio_says_it(tmp_path: Path) -> None:
    (tmp_path / "sdkconfig.board").write_text(OLD)
    layout = PlatformIoProject(tmp_path, "sdkconfig.board", settings_of_options([]), (), "")

    assert generation_of(tmp_path, platformio=layout).major == "4"
    assert generation_of(tmp_path).major == "5"


def test_caller_knows_better(tmp_path: Path) -> None:
    (tmp_path / "sdkconfig").write_text(OLD)

    assert generation_of(tmp_path, asked="5.1").major == "5"


def test_version_that_nothing_stands_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--idf 3.3: the virtual kit stands for ESP-IDF 4.4 and 5.1"):
        generation_of(tmp_path, asked="3.3")


def test_project_for_esp_idf_3_is_a_gap_that_names_it_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "sdkconfig").write_text("#\n# Espressif IoT Development Framework Configuration\n#\n")

    with pytest.raises(GapError, match=r"lacks ESP-IDF 3, which sdkconfig names.*--idf 4.4"):
        generation_of(tmp_path)


@pytest.mark.parametrize(("values", "are_errors"), [({}, True), ({"COMPILER_DISABLE_DEFAULT_ERRORS": "y"}, False)])
def test_configuration_may_leave_warnings_warnings(tmp_path: Path, values: dict[str, str], *, are_errors: bool) -> None:
    rules = generation_of(tmp_path).rules(Configuration({}, values))

    assert rules.warnings_are_errors is are_errors
