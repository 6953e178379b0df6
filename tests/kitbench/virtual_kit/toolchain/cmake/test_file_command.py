"""CMake's file() and get_filename_component()."""

from pathlib import Path

import pytest

from tests.kitbench.virtual_kit.toolchain.cmake.test_interpreter import run


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """A project with a few files."""
    for name in ("src/b.c", "src/a.c", "src/deep/c.c", "src/a.h"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one\n\ntwo\n")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("file(GLOB r src/*.c)", "/<project>/src/a.c;/<project>/src/b.c"),
        ("file(GLOB r RELATIVE ${CMAKE_CURRENT_LIST_DIR} src/*.c src/*.h)", "src/a.c;src/a.h;src/b.c"),
        ("file(GLOB_RECURSE r LIST_DIRECTORIES false CONFIGURE_DEPENDS RELATIVE src src/*.c)", "a.c;b.c;deep/c.c"),
        ("file(STRINGS src/a.c r)", "one;two"),
        ("file(RELATIVE_PATH r ${CMAKE_CURRENT_LIST_DIR}/src ${CMAKE_CURRENT_LIST_DIR}/x/y)", "../x/y"),
        ("get_filename_component(r ${CMAKE_CURRENT_LIST_DIR}/src/../x.tar.gz ABSOLUTE)", "/<project>/x.tar.gz"),
        ("get_filename_component(r a/x.tar.gz NAME_WE)", "x"),
        ("get_filename_component(r a/x.tar.gz EXT)", ".tar.gz"),
        ("get_filename_component(r a/b/x.c DIRECTORY)", "a/b"),
        ("get_filename_component(r x.c ABSOLUTE BASE_DIR src)", "/<project>/src/x.c"),
    ],
)
def test_files_are_named(folder: Path, text: str, expected: str) -> None:
    assert run(folder, text, CMAKE_CURRENT_LIST_DIR="/<project>")["r"] == expected


def test_reading_gives_the_text(folder: Path) -> None:
    assert run(folder, "file(READ src/a.c r)")["r"] == "one\n\ntwo\n"
