"""Copies of esp-aws-iot in a project: what is replaced, in every edition and wherever they are."""

from pathlib import Path

import pytest

from kitbench.virtual_kit.toolchain.cmake.source_tree import CHECKOUT_FOLDER, SourceTree
from kitbench.virtual_kit.toolchain.limits import BuildLimits
from kitbench.virtual_kit.toolchain.project.project_file import read_project
from kitbench.virtual_kit.toolchain.project.vendored_sdk import is_replaced_port, replace_ports
from tests.kitbench.virtual_kit.toolchain.project_maker import make_project

PLACE = "components/esp-aws-iot"
REGISTER = "set(COMPONENT_ADD_INCLUDEDIRS port/include)\nset(COMPONENT_SRCS port/timer.c)\nregister_component()\n"


def vendored(folder: Path, place: str = PLACE, *, texts: str = "const char") -> Path:
    """A project with a small copy of the SDK, in the layout of release/v3.1.x."""
    sdk = f"{place}/aws-iot-device-sdk-embedded-C"
    files = {
        "main/small.c": '#include "aws_iot_config.h"\nvoid app_main(void) {}\n',
        f"{place}/CMakeLists.txt": REGISTER,
        f"{place}/port/network_mbedtls_wrapper.c": "three",
        f"{place}/port/timer.c": "",
        f"{place}/port/include/timer_platform.h": "five",
        f"{sdk}/src/a.c": "six",
        f"{sdk}/include/network_interface.h": f"IoT_Error_t iot_tls_init(Network *pNetwork, {texts} *pRootCALocation);",
        f"{sdk}/external_libs/jsmn/jsmn.c": "",
    }
    return make_project(folder, files)


@pytest.mark.parametrize("place", [PLACE, "esp-aws-iot", CHECKOUT_FOLDER])
def test_only_the_network_wrapper_is_replaced(tmp_path: Path, place: str) -> None:
    project = vendored(tmp_path, place)
    before = {path: path.read_text() for path in project.rglob("*.[ch]")}

    replace_ports(project, BuildLimits().copy)

    changed = [path.name for path, text in before.items() if path.read_text() != text]
    assert changed == ["network_mbedtls_wrapper.c"]
    assert "esp_tls_conn_new_sync" in (project / place / "port/network_mbedtls_wrapper.c").read_text()
    assert (project / place / "port/include/mbedtls/config.h").is_file()


def test_rules_of_requires_are_for_the_components_own_files(tmp_path: Path) -> None:
    project = vendored(tmp_path)
    wrapper, timer = project / PLACE / "port/network_mbedtls_wrapper.c", project / PLACE / "port/timer.c"
    assert not is_replaced_port(wrapper, wrapper.read_text())

    replace_ports(project, BuildLimits().copy)

    assert is_replaced_port(wrapper, wrapper.read_text())
    assert not is_replaced_port(wrapper, wrapper.read_text() + '#include "esp_http_client.h"\n')
    assert not is_replaced_port(timer, timer.read_text())


@pytest.mark.parametrize("texts", ["const char", "char"])
def test_wrapper_has_the_types_of_the_sdks_own_header(tmp_path: Path, texts: str) -> None:
    project = vendored(tmp_path, texts=texts)

    replace_ports(project, BuildLimits().copy)

    wrapper = (project / PLACE / "port/network_mbedtls_wrapper.c").read_text()
    assert wrapper.startswith(f"#define SDK_TEXT {texts}\n")


@pytest.mark.parametrize(
    ("listed", "count"), [("", 1), (" aws-iot-device-sdk-embedded-C/external_libs/jsmn/jsmn.c", 1)]
)
def test_json_parser_goes_in_once_whether_the_copy_lists_it_or_not(tmp_path: Path, listed: str, count: int) -> None:
    project = vendored(tmp_path)
    file = project / PLACE / "CMakeLists.txt"
    file.write_text(REGISTER.replace("port/timer.c", f"port/timer.c{listed}"))

    replace_ports(project, BuildLimits().copy)

    component = read_project(project, SourceTree(project), lambda _: {}).components[1]
    assert [path.name for path in component.sources].count("jsmn.c") == count
    assert component.links == ["esp-tls"]  # which the SDK does not require, and the new port does


def test_project_without_the_sdk_stays_what_it_is(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"components/x/port/network_mbedtls_wrapper.c": "mine"})

    replace_ports(project, BuildLimits().copy)

    assert (project / "components/x/port/network_mbedtls_wrapper.c").read_text() == "mine"


@pytest.mark.parametrize("uses", [True, False])
def test_checkout_goes_in_where_the_project_uses_it_and_points_nowhere(tmp_path: Path, uses: bool) -> None:  # noqa: FBT001
    project = vendored(tmp_path, CHECKOUT_FOLDER)
    if not uses:
        (project / "main/small.c").write_text("void app_main(void) {}")

    names = [folder.name for folder in read_project(project, SourceTree(project), lambda _: {}).file.component_folders]

    assert ("esp-aws-iot" in names) is uses


def test_libraries_go_in_where_the_project_uses_them(tmp_path: Path) -> None:
    libraries = f"{CHECKOUT_FOLDER}/libraries"
    files = {
        "main/small.c": '#include "core_x.h"\nvoid app_main(void) {}\n',
        f"{libraries}/coreX/CMakeLists.txt": "include(${CMAKE_CURRENT_LIST_DIR}/coreX/xFilePaths.cmake)\n"
        "idf_component_register(SRCS ${X_SOURCES})",
        f"{libraries}/coreX/coreX/xFilePaths.cmake": "set(X_SOURCES ${CMAKE_CURRENT_LIST_DIR}/x.c)",
        f"{libraries}/coreX/coreX/x.c": "",
        f"{libraries}/coreX/coreX/core_x.h": "",
        f"{libraries}/coreY/CMakeLists.txt": "idf_component_register()",
        f"{libraries}/coreY/core_y.h": "",
    }
    project = make_project(tmp_path, files)

    components = read_project(project, SourceTree(project), lambda _: {}).components

    assert [component.name for component in components] == ["coreX", "main", "small.elf"]
    assert [path.name for path in components[0].sources] == ["x.c"]
