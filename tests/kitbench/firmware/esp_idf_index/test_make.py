"""The index is made from git checkouts: a small one of our own, with a submodule and a C library."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from kitbench.firmware.esp_idf_index import IDENTIFIERS, Index, Kind, esp_idf_index
from kitbench.firmware.esp_idf_index.make import command

SOURCES = """
[[version]]
name = "9.0"
ref = "HEAD"
[version.submodules]
"components/leds/inner" = ["we/inner", "HEAD"]
[c_library]
repository = "we/libc"
ref = "HEAD"
folders = ["include"]
"""
ESP_IDF = {
    "components/leds/CMakeLists.txt": 'idf_component_register(INCLUDE_DIRS "include" "${target}/include" inner)',
    "components/leds/Kconfig": "menu x\n  config LEDS_COUNT\n    int y\nendmenu\n",
    "components/leds/project_include.cmake": "function(leds_image a)\nendfunction()\n",
    "components/leds/include/driver/leds.h": "void leds_on(void);",
    "components/leds/esp32/include/leds_chip.h": "#define LEDS_CHIP 1",
    "components/leds/esp32c3/include/leds_other.h": "#define LEDS_OTHER 1",
    "components/leds/private/leds_private.h": "void leds_private(void);",
    "components/leds/test_apps/include/leds_test.h": "void leds_test(void);",
}


def repository(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "x")):
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True)
    return folder


@pytest.fixture(name="index", scope="module")
def _index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    work = tmp_path_factory.mktemp("make")
    places = {
        "espressif/esp-idf": repository(work / "idf", ESP_IDF),
        "we/inner": repository(work / "inner", {"inner.h": "int inner_begin(void);"}),
        "we/libc": repository(work / "libc", {"include/sys/x.h": "int puts2(const char *);"}),
    }
    (work / "sources.toml").write_text(SOURCES, encoding="utf-8")
    arguments = ["--sources", str(work / "sources.toml"), "--output", str(work / "names.xz")]
    arguments += [part for name, folder in places.items() for part in ("--git", f"{name}={folder}")]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    return esp_idf_index(work / "names.xz")


@pytest.mark.parametrize(
    ("name", "kind", "component", "header"),
    [
        ("leds_on", Kind.FUNCTION, "leds", "driver/leds.h"),
        ("driver/leds.h", Kind.HEADER, "leds", "driver/leds.h"),
        ("LEDS_CHIP", Kind.MACRO, "leds", "leds_chip.h"),
        ("inner_begin", Kind.FUNCTION, "leds", "inner.h"),
        ("puts2", Kind.FUNCTION, "C library", "sys/x.h"),
        ("LEDS_COUNT", Kind.KCONFIG, "leds", ""),
        ("leds_image", Kind.CMAKE, "leds", ""),
        ("leds", Kind.COMPONENT, "leds", ""),
    ],
)
def test_public_names_are_kept(index: Index, name: str, kind: Kind, component: str, header: str) -> None:
    (origin,) = index.find(name, kind)

    assert (origin.component, origin.header, origin.versions) == (component, header, ("9.0",))


@pytest.mark.parametrize("name", ["LEDS_OTHER", "leds_private", "leds_test"])
def test_other_chips_private_headers_and_tests_are_left_out(index: Index, name: str) -> None:
    assert index.find(name, *IDENTIFIERS) == ()
