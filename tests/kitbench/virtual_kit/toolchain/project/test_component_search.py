"""Where components are found."""

from pathlib import Path

import pytest

from kitbench.errors import GapError, KitError
from kitbench.virtual_kit.toolchain.cmake.source_tree import CHECKOUT_FOLDER, SourceTree
from kitbench.virtual_kit.toolchain.project.project_file import read_project
from tests.kitbench.virtual_kit.toolchain.project_maker import PROJECT, make_project

REGISTERED = "idf_component_register()"


def folders(project: Path, extra: str, *, top: str = PROJECT) -> list[str]:
    (project / "CMakeLists.txt").write_text(f"{extra}\n{top}")
    found = read_project(project, SourceTree(project), lambda _: {}).file.component_folders
    return [folder.relative_to(project).as_posix() for folder in found]


def test_extra_folder_may_be_a_component_or_hold_some(tmp_path: Path) -> None:
    names = ("extra/CMakeLists.txt", "many/one/CMakeLists.txt", "many/two/CMakeLists.txt", "many/no/x")
    project = make_project(tmp_path, dict.fromkeys(names, REGISTERED))

    assert folders(project, 'set(EXTRA_COMPONENT_DIRS "extra" "many")') == ["main", "extra", "many/one", "many/two"]


def test_component_found_later_replaces_one_of_the_same_name(tmp_path: Path) -> None:
    names = ("managed_components/one/CMakeLists.txt", "extra/one/CMakeLists.txt", "components/one/CMakeLists.txt")
    project = make_project(tmp_path, dict.fromkeys(names, REGISTERED))

    assert sorted(folders(project, "set(EXTRA_COMPONENT_DIRS extra)")) == ["components/one", "main"]


def test_excluded_component_is_left_out(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"components/one/CMakeLists.txt": "nonsense("})

    assert folders(project, "set(EXCLUDE_COMPONENTS one)") == ["main"]


def test_component_dirs_name_all_places(tmp_path: Path) -> None:
    names = ("src/CMakeLists.txt", "components/one/CMakeLists.txt")
    project = make_project(tmp_path, dict.fromkeys(names, REGISTERED))

    assert folders(project, "set(COMPONENT_DIRS src)") == ["src"]


@pytest.mark.parametrize(
    "path",
    [
        "$ENV{IDF_PATH}/examples/common_components/protocol_examples_common",
        "$ENV{IDF_PATH}/examples/common_components",
        "$ENV{IDF_PATH}/components/mqtt",
    ],
)
def test_what_the_shims_stand_for_needs_no_folder(tmp_path: Path, path: str) -> None:
    assert folders(make_project(tmp_path), f"set(EXTRA_COMPONENT_DIRS {path})") == ["main"]


@pytest.mark.parametrize("path", ["../..", "/home/student/esp/esp-aws-iot", "../esp-aws-iot"])
def test_path_to_esp_aws_iot_leads_to_the_checkout_given(tmp_path: Path, path: str) -> None:
    project = make_project(tmp_path, {f"{CHECKOUT_FOLDER}/CMakeLists.txt": REGISTERED})

    assert folders(project, f'set(EXTRA_COMPONENT_DIRS "{path}")') == ["main", CHECKOUT_FOLDER]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("../..", "leaves the project — point to a recursive checkout with --esp-aws-iot"),
        ("esp-aws-iot/libraries/coreMQTT", "does not exist — point to a recursive checkout with --esp-aws-iot"),
        ("nowhere", "CMakeLists.txt:4: EXTRA_COMPONENT_DIRS: folder 'nowhere' does not exist$"),
        ("/opt/components", "not below the project$"),
        ("$ENV{IDF_PATH}/examples/common_components/led_strip", "lacks ESP-IDF's .*led_strip"),
        ("$ENV{IDF_PATH}/../x", "lacks ESP-IDF's"),
    ],
)
def test_folder_that_is_not_there_is_refused(tmp_path: Path, path: str, message: str) -> None:
    with pytest.raises((KitError, GapError), match=message):
        folders(make_project(tmp_path), f'set(EXTRA_COMPONENT_DIRS "{path}")')


def test_manifest_may_point_to_components_and_names_those_that_are_not_there(tmp_path: Path) -> None:
    manifest = """
dependencies:
  helper: {path: ../shared/helper}
  protocol_examples_common: {path: "${IDF_PATH}/examples/common_components/protocol_examples_common"}
  espressif/led_strip: "^2"
  other/there: "*"
  espressif/esp-cryptoauthlib: "*"
  idf: ">=5"
"""
    files = {
        "main/idf_component.yml": manifest,
        "shared/helper/CMakeLists.txt": REGISTERED,
        "managed_components/other__there/CMakeLists.txt": REGISTERED,
    }
    project = make_project(tmp_path, files)

    file = read_project(project, SourceTree(project), lambda _: {}).file

    assert sorted(folder.name for folder in file.component_folders) == ["helper", "main", "other__there"]
    assert file.common == ("protocol_examples_common",)
    assert [item.name for item in file.absent] == ["espressif/led_strip"]
