"""The CMakeLists.txt at the top of a project."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kitbench.errors import GapError, KitError
from kitbench.virtual_kit.toolchain.cmake.source_tree import SourceTree
from kitbench.virtual_kit.toolchain.project.project_file import Project, read_project
from tests.kitbench.virtual_kit.toolchain.project_maker import PROJECT, make_project


def read(project: Path, config: Mapping[str, str] | None = None) -> Project:
    return read_project(project, SourceTree(project), lambda _: config or {})


def embedded(project: Project, component: str) -> list[tuple[str, bool]]:
    (found,) = [item for item in project.components if item.name == component]
    return [(file.symbol, file.is_text) for file in found.embedded]


def test_project_has_name_version_and_components(tmp_path: Path) -> None:
    text = PROJECT.replace("project(small)", "project(small VERSION 1.2)")
    files = {
        "CMakeLists.txt": text,
        "components/other/CMakeLists.txt": "idf_component_register()",
        "components/no/x": "",
    }

    project = read(make_project(tmp_path, files))

    assert (project.file.name, project.file.version) == ("small", "1.2")
    assert [component.name for component in project.components] == ["main", "other", "small.elf"]


@pytest.mark.parametrize("target", ["small.elf", "${CMAKE_PROJECT_NAME}.elf", "${PROJECT_NAME}.elf", "${project_elf}"])
def test_executable_takes_binary_data(tmp_path: Path, target: str) -> None:
    text = f'{PROJECT}target_add_binary_data({target} "main/ca.crt" TEXT)\ntarget_add_binary_data({target} x BINARY)'
    project = read(make_project(tmp_path, {"CMakeLists.txt": text, "main/ca.crt": "-"}))

    assert embedded(project, "small.elf") == [("ca_crt", True), ("x", False)]
    assert project.components[-1].embedded[0].line == "CMakeLists.txt:4"


def test_what_follows_project_sees_the_configuration(tmp_path: Path) -> None:
    text = f"{PROJECT}if(CONFIG_EMBED)\ntarget_add_binary_data(small.elf x BINARY)\nendif()"
    project = make_project(tmp_path, {"CMakeLists.txt": text})

    assert embedded(read(project), "small.elf") == []
    assert embedded(read(project, {"CONFIG_EMBED": "y"}), "small.elf") == [("x", False)]


def test_settings_before_project_reach_the_components_and_later_ones_do_not(tmp_path: Path) -> None:
    text = f"add_compile_definitions(ONE)\n{PROJECT}add_compile_definitions(TWO)\n"

    main = read(make_project(tmp_path, {"CMakeLists.txt": text})).components[0]

    assert main.private.definitions == ["ONE"]


def test_settings_of_the_build_reach_every_component_wherever_they_stand(tmp_path: Path) -> None:
    text = PROJECT + 'idf_build_set_property(COMPILE_OPTIONS "-Wno-format;-DALL=1" APPEND)\n'

    everywhere = read(make_project(tmp_path, {"CMakeLists.txt": text})).everywhere

    assert (everywhere.options, everywhere.definitions) == (["-Wno-format"], ["ALL=1"])


def test_project_may_add_to_a_component_by_its_target(tmp_path: Path) -> None:
    text = PROJECT + (
        "idf_component_get_property(lib main COMPONENT_LIB)\ntarget_compile_options(${lib} PRIVATE -Wno-format)\n"
        "idf_component_get_property(other mqtt COMPONENT_LIB)\ntarget_compile_options(${other} PRIVATE -Wno-format)\n"
    )

    assert read(make_project(tmp_path, {"CMakeLists.txt": text})).components[0].private.options == ["-Wno-format"]


def test_variables_of_the_project_are_known_to_its_components(tmp_path: Path) -> None:
    files = {
        "CMakeLists.txt": f"set(WITH_MORE 1)\nset(COMPONENT_SRCS no.c)\n{PROJECT}",
        "main/CMakeLists.txt": "if(WITH_MORE)\nset(more ${PROJECT_DIR}/more.c)\nendif()\n"
        "set(COMPONENT_ADD_INCLUDEDIRS .)\nregister_component()\ntarget_sources(${COMPONENT_LIB} PRIVATE ${more})",
        "more.c": "",
    }

    assert read(make_project(tmp_path, files)).components[0].sources == [tmp_path / "more.c"]


_INCLUDE = "include($ENV{IDF_PATH}/tools/cmake/project.cmake)\n"


@pytest.mark.parametrize(
    "text",
    ["project(a)", f"project(a)\n{_INCLUDE}", f"if(0)\n{_INCLUDE}endif()\nproject(a)", f"# {_INCLUDE}project(a)"],
)
def test_project_without_the_build_system_of_esp_idf_is_refused(tmp_path: Path, text: str) -> None:
    project = make_project(tmp_path, {"CMakeLists.txt": text})

    with pytest.raises(KitError, match=r"CMakeLists.txt:\d: project\(\) comes without ESP-IDF's build system"):
        read(project)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("include(/tmp/evil.cmake)", "not below the project"),
        ("include($ENV{IDF_PATH}/../evil.cmake)", "lacks ESP-IDF's"),
        (f"{_INCLUDE}project(../../x)", "no plain name"),
        (f"{_INCLUDE}project()", "no plain name"),
        ("set(a b)", r"no project\(\)"),
        (f'{_INCLUDE}set(SDKCONFIG_DEFAULTS "../../x")\nproject(a)', "leaves the project"),
        ("add_compile_options(-include /etc/passwd)", "lacks the compile option"),
        ("execute_process(COMMAND id)", "lacks CMake's execute_process"),
        (
            f"{_INCLUDE}project(a)\ntarget_add_binary_data(b.elf x TEXT)",
            "CMakeLists.txt:3: target 'b.elf' is not built",
        ),
    ],
)
def test_what_cannot_be_followed_is_refused(tmp_path: Path, text: str, message: str) -> None:
    project = make_project(tmp_path, {"CMakeLists.txt": text})

    with pytest.raises((KitError, GapError), match=message):
        read(project)


def test_folder_without_project_is_the_students_fault(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="has no CMakeLists"):
        read(tmp_path)
