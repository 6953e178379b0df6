"""What a project says of itself."""

from pathlib import Path

import pytest

from kitbench.virtual_kit.toolchain.project_facts import ProjectFacts


def project(folder: Path, files: dict[str, str]) -> ProjectFacts:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return ProjectFacts(folder)


@pytest.mark.parametrize(
    ("name", "text", "generation"),
    [
        ("sdkconfig", "# Espressif IoT Development Framework (ESP-IDF) 4.4.2 Project Configuration\n", "4"),
        ("sdkconfig", "# Espressif IoT Development Framework (ESP-IDF) Project Configuration\n", ""),
        ("sdkconfig", '# x\nCONFIG_IDF_INIT_VERSION="5.1.2"\n', "5"),
        ("sdkconfig.defaults", "# This file was generated (ESP-IDF) 4.3.0\n", "4"),
        ("dependencies.lock", "dependencies:\n  idf:\n    source:\n      type: idf\n    version: 4.4.5\n", "4"),
        ("dependencies.lock", "dependencies:\n  led:\n    version: 4.4.5\n", ""),
        ("README.md", "for ESP-IDF 4.4", ""),
    ],
)
def test_project_says_which_esp_idf_it_is_for(tmp_path: Path, name: str, text: str, generation: str) -> None:
    assert project(tmp_path, {name: text}).generation == generation


@pytest.mark.parametrize(("name", "chip"), [("sdkconfig", "esp32s3"), ("sdkconfig.defaults", "esp32"), ("other", "")])
def test_project_says_which_chip_it_is_for(tmp_path: Path, name: str, chip: str) -> None:
    assert project(tmp_path, {name: f'CONFIG_X=y\nCONFIG_IDF_TARGET="{chip}"\n'}).chip == chip


@pytest.mark.parametrize(
    ("code", "is_own"),
    [
        ("struct mine { int x; };", True),
        ("typedef struct { int x; } mine;", True),
        ("typedef int mine;", True),
        ("struct mine *pointer;", False),
        ("mine value;", False),
    ],
)
def test_own_types(tmp_path: Path, code: str, *, is_own: bool) -> None:
    assert project(tmp_path, {"main/a.c": code}).has_type("mine") is is_own


def test_headers_are_followed_through_the_projects_own(tmp_path: Path) -> None:
    files = {
        "main/a.c": '#include "b.h"\n# include <stdio.h>\n',
        "main/b.h": '#include "shared/c.h"\n#include "b.h"\n',
        "include/shared/c.h": "#include <esp_log.h>",
        "include/never.h": "#include <esp_wifi.h>",
    }
    facts = project(tmp_path, files)

    found = facts.headers_of(tmp_path / "main/a.c", [tmp_path / "include"])

    assert found == {"b.h", "stdio.h", "shared/c.h", "esp_log.h"}


def test_platformio_says_the_version_where_its_sdkconfig_does_not(tmp_path: Path) -> None:
    assert ProjectFacts(tmp_path, "sdkconfig.kit", "4.4").generation == "4"
    (tmp_path / "sdkconfig.kit").write_text('CONFIG_IDF_INIT_VERSION="5.1.2"\n', encoding="utf-8")
    assert ProjectFacts(tmp_path, "sdkconfig.kit", "4.4").generation == "5"
