"""The CMakeLists.txt at the top of a project."""

from pathlib import Path

import pytest

from kitbench.errors import KitError
from kitbench.virtual_kit.toolchain.project_file import CHECKOUT_FOLDER, read_project_file
from tests.kitbench.virtual_kit.toolchain.project_maker import PROJECT, make_project


def test_project_has_name_version_and_components(tmp_path: Path) -> None:
    text = PROJECT.replace("project(small)", "project(small VERSION 1.2)")
    project = make_project(
        tmp_path, {"CMakeLists.txt": text, "components/other/CMakeLists.txt": "", "components/no/x": ""}
    )

    file = read_project_file(project, project)

    assert (file.name, file.version) == ("small", "1.2")
    assert [folder.name for folder in file.component_folders] == ["main", "other"]


def test_extra_folder_may_be_a_component_or_hold_some(tmp_path: Path) -> None:
    text = 'set(EXTRA_COMPONENT_DIRS "extra" "many")\n' + PROJECT
    files = dict.fromkeys(("extra/CMakeLists.txt", "many/one/CMakeLists.txt", "many/two/CMakeLists.txt"), "")
    project = make_project(tmp_path, {"CMakeLists.txt": text, **files})

    names = [folder.name for folder in read_project_file(project, project).component_folders]

    assert names == ["main", "extra", "one", "two"]


@pytest.mark.parametrize("path", ["../..", "/home/student/esp/esp-aws-iot", "../esp-aws-iot"])
def test_path_to_esp_aws_iot_leads_to_the_checkout_given(tmp_path: Path, path: str) -> None:
    text = f'set(EXTRA_COMPONENT_DIRS "{path}")\n' + PROJECT
    project = make_project(tmp_path, {"CMakeLists.txt": text, f"{CHECKOUT_FOLDER}/CMakeLists.txt": ""})

    assert read_project_file(project, project).component_folders[1] == project / CHECKOUT_FOLDER


def test_path_to_esp_aws_iot_without_checkout_says_what_to_do(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"CMakeLists.txt": 'set(EXTRA_COMPONENT_DIRS "../..")\n' + PROJECT})

    with pytest.raises(KitError, match="--esp-aws-iot"):
        read_project_file(project, project)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("include(/tmp/evil.cmake)", "only \\$ENV"),
        ("include($ENV{IDF_PATH}/../evil.cmake)", "only \\$ENV"),
        ("project(../../x)", "no plain name"),
        ("project()", "no plain name"),
        ("set(a b)", r"no project\(\)"),
        ('set(EXTRA_COMPONENT_DIRS "/opt/x")\nproject(a)', "leaves the project"),
        ('set(SDKCONFIG_DEFAULTS "../../x")\nproject(a)', "leaves the project"),
        ("add_compile_options(-include /etc/passwd)", "is not allowed"),
        ("add_custom_command(COMMAND id)", "is not followed"),
    ],
)
def test_what_cannot_be_followed_is_refused(tmp_path: Path, text: str, message: str) -> None:
    project = make_project(tmp_path, {"CMakeLists.txt": text})

    with pytest.raises(KitError, match=message):
        read_project_file(project, project)


def test_folder_without_project_is_the_students_fault(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="has no CMakeLists"):
        read_project_file(tmp_path, tmp_path)
