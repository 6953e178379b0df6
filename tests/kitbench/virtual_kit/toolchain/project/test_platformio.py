"""PlatformIO's layout."""

from pathlib import Path

import pytest

from kitbench.errors import GapError, KitError
from kitbench.virtual_kit.toolchain.cmake.source_tree import SourceTree
from kitbench.virtual_kit.toolchain.project.platformio import PlatformIoProject, read_platformio
from kitbench.virtual_kit.toolchain.project.project_file import read_project

INI = """
[platformio]
default_envs = second
src_dir = firmware ; where main is
[env]
platform = espressif32 @ ~5.2.0
build_flags = -D LEVEL=3 -Wno-format
[env:first]
framework = arduino
[env:second]
framework = espidf
board_build.embed_txtfiles =
  firmware/ca.pem
  firmware/key.pem
"""


def read(folder: Path, text: str) -> PlatformIoProject | None:
    for name in ("firmware/a.c", "firmware/deep/b.c", "firmware/ca.pem", "include/x.h", "sdkconfig.second"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    (folder / "platformio.ini").write_text(text)
    return read_platformio(folder)


def test_environment_says_what_is_built(tmp_path: Path) -> None:
    layout = read(tmp_path, INI)

    assert layout is not None
    assert (layout.main, layout.sdkconfig, layout.idf_version) == (tmp_path / "firmware", "sdkconfig.second", "4.4")
    assert [(file.symbol, file.is_text) for file in layout.embedded] == [("ca_pem", True), ("key_pem", True)]
    assert (layout.settings.definitions, layout.settings.options) == (["LEVEL=3"], ["-Wno-format"])
    assert layout.settings.include_dirs == [tmp_path / "include"]


def test_cmake_files_that_are_missing_are_those_that_platformio_writes(tmp_path: Path) -> None:
    project = read_project(tmp_path, SourceTree(tmp_path), lambda _: {}, read(tmp_path, INI))

    assert project.file.name == "firmware"
    assert [path.name for path in project.components[0].sources] == ["a.c", "b.c"]
    assert [file.symbol for file in project.components[0].embedded] == ["ca_pem", "key_pem"]


def test_file_embedded_by_both_goes_in_once(tmp_path: Path) -> None:
    (tmp_path / "firmware").mkdir()
    (tmp_path / "firmware/CMakeLists.txt").write_text("idf_component_register(SRCS a.c EMBED_TXTFILES ca.pem key.pem)")

    project = read_project(tmp_path, SourceTree(tmp_path), lambda _: {}, read(tmp_path, INI))

    assert [file.symbol for file in project.components[0].embedded] == ["ca_pem", "key_pem"]


def test_project_laid_out_for_esp_idf_is_no_platformio_project(tmp_path: Path) -> None:
    (tmp_path / "main").mkdir()

    assert read(tmp_path, INI) is None


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("[env:a]\nframework = arduino", GapError, "framework arduino"),
        ("[env:a]\nframework = arduino, espidf", GapError, "framework arduino"),
        ("[env:a]\nframework = espidf", KitError, "src_dir 'src' does not exist"),
        ("[platformio]\nsrc_dir = ../x\n[env:a]\nframework = espidf", KitError, "leaves the project"),
        ("[platformio]\n", KitError, "no environment"),
        ("nonsense", KitError, "platformio.ini: "),
        (INI.replace("-Wno-format", "-include /etc/passwd"), GapError, "the compile option .*build_flags"),
        (INI.replace("firmware/key.pem", "/etc/passwd"), KitError, "not below the project"),
    ],
)
def test_what_cannot_be_built_is_refused(tmp_path: Path, text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read(tmp_path, text)
