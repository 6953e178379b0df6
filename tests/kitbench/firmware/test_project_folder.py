"""A project is told by its CMakeLists.txt; what cannot be read is none."""

from pathlib import Path

import pytest

from kitbench.errors import UsageError
from kitbench.firmware.project_folder import MAX_SIZE, find_project, is_project

MARK = b"include($ENV{IDF_PATH}/tools/cmake/project.cmake)\n"


@pytest.mark.parametrize(
    ("content", "is_one"),
    [(MARK, True), (b"idf_component_register(SRCS main.c)\n", False), (MARK + b"#" * MAX_SIZE, False)],
    ids=["project", "component", "too large"],
)
def test_cmake_file_tells(tmp_path: Path, content: bytes, *, is_one: bool) -> None:
    (tmp_path / "CMakeLists.txt").write_bytes(content)

    assert is_project(tmp_path) == is_one


def test_folder_in_place_of_the_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "CMakeLists.txt").mkdir()

    assert not is_project(tmp_path)


def test_nearer_place_wins(tmp_path: Path) -> None:
    for place in ("firmware", "firmware/inner", "example"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "CMakeLists.txt").write_bytes(MARK)

    assert find_project(tmp_path) == tmp_path / "firmware"
    (tmp_path / "firmware" / "CMakeLists.txt").unlink()
    assert find_project(tmp_path) == tmp_path / "firmware" / "inner"


def test_folder_without_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no ESP-IDF project"):
        find_project(tmp_path)
