"""idf_component.yml."""

from pathlib import Path

import pytest

from kitbench.errors import KitError
from kitbench.virtual_kit.toolchain.project.manifest import Dependency, read_manifest


def read(folder: Path, text: str) -> tuple[Dependency, ...]:
    (folder / "idf_component.yml").write_text(text)
    return read_manifest(folder, folder)


def test_dependencies_have_name_version_and_path(tmp_path: Path) -> None:
    text = """
dependencies:
  idf: ">=5.0"
  espressif/led_strip: "^2.5"
  button:
    version: "*"
  wifi_helper:
    path: ../../common
"""

    found = [(item.name, item.version, item.path) for item in read(tmp_path, text)]

    assert found == [
        ("idf", ">=5.0", ""),
        ("espressif/led_strip", "^2.5", ""),
        ("espressif/button", "*", ""),
        ("espressif/wifi_helper", "", "../../common"),
    ]


def test_dependency_lies_under_either_name(tmp_path: Path) -> None:
    (dependency,) = read(tmp_path, "dependencies: {a/b: 1}")

    assert dependency.folders == ("a__b", "b")


@pytest.mark.parametrize("text", ["", "version: 1", "- a", "dependencies:"])
def test_manifest_without_dependencies_wants_nothing(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == ()


def test_folder_without_manifest_wants_nothing(tmp_path: Path) -> None:
    assert read_manifest(tmp_path, tmp_path) == ()


@pytest.mark.parametrize("text", ["a: [", "a: !!python/object:os.system {}", "x" * 70000])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(KitError, match=r"idf_component.yml(:\d+: is no YAML|: larger)"):
        read(tmp_path, text)
