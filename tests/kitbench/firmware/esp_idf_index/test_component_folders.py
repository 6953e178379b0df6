"""Which folders hold public headers."""

import pytest

from kitbench.firmware.esp_idf_index.component_folders import include_folders


@pytest.mark.parametrize(
    ("cmake", "folder", "public"),
    [
        ('idf_component_register(SRCS a.c INCLUDE_DIRS "include" REQUIRES x)', "include", True),
        ("idf_component_register(SRCS a.c INCLUDE_DIRS include REQUIRES driver)", "driver", False),
        ("idf_component_register(INCLUDE_DIRS include PRIV_INCLUDE_DIRS private)", "private", False),
        ('set(includes "include" "${target}/include")', "esp32/include", True),
        ("set(priv_include_dirs inner)", "inner", False),
        ('list(APPEND include_dirs "${kernel}/include" # "not/this"\n)', "FreeRTOS-Kernel/include", True),
        ("set(include_dirs here # there\n)", "there", False),
        ("set(includes ${COMPONENT_DIR}/port/include/)", "port/include", True),
        ("set(includes $<BUILD_INTERFACE:x>)", "x", False),
    ],
)
def test_folder_is_public_where_the_component_says_so(cmake: str, folder: str, *, public: bool) -> None:
    assert any(pattern.fullmatch(folder) for pattern in include_folders(cmake)) is public


def test_folder_of_a_part_is_relative_to_it() -> None:
    patterns = list(include_folders("set(includes include)", "esp-mqtt"))

    assert any(pattern.fullmatch("esp-mqtt/include") for pattern in patterns)
