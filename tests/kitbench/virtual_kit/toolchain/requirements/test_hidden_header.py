"""Projects that include headers of components that they do not require."""

from pathlib import Path

import pytest

from kitbench.errors import KitError
from kitbench.virtual_kit.toolchain import build_project
from tests.kitbench.virtual_kit.toolchain.project_maker import make_project

MAIN = 'idf_component_register(SRCS "small.c" INCLUDE_DIRS "."{})\n'
LED = 'idf_component_register(SRCS "led.c" INCLUDE_DIRS "."{})\n'
GPIO = '#include "driver/gpio.h"\n'
APP = "void app_main(void) {}\n"


def build(folder: Path, files: dict[str, str]) -> None:
    assert build_project(make_project(folder / "project", files), folder / "build").app_bin.is_file()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"main/CMakeLists.txt": MAIN.format(" PRIV_REQUIRES json"), "main/small.c": f"\n{GPIO}{APP}"},
            "build: main/small.c:2: header 'driver/gpio.h' is of component driver, which main does not require",
        ),
        (
            {
                "main/small.c": APP,
                "components/led/CMakeLists.txt": LED.format(""),
                "components/led/led.c": '#include "led.h"\n',
                "components/led/led.h": GPIO,
            },
            "components/led/led.h:1: header 'driver/gpio.h' is of component driver, which led does not require",
        ),
        (
            {
                "main/CMakeLists.txt": MAIN.format(" REQUIRES json"),
                "main/small.c": f'#include "led.h"\n{APP}',
                "components/led/CMakeLists.txt": LED.format(" REQUIRES driver"),
                "components/led/led.c": "",
                "components/led/led.h": GPIO,
            },
            "main/small.c:1: header 'led.h' is of component led, which main does not require: add led to PRIV_REQUIRES",
        ),
    ],
)
def test_hidden_header_ends_the_build_as_esp_idf_does(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(KitError) as caught:
        build(tmp_path, files)

    assert message in str(caught.value)


def test_what_if_leaves_out_and_what_headers_bring_along_is_fine(tmp_path: Path) -> None:
    dead = f"#ifdef NEVER\n{GPIO}#endif\n"
    files = {
        "main/CMakeLists.txt": MAIN.format(" REQUIRES led"),
        "main/small.c": f'{dead}#include "led.h"\n#include <string.h>\n{APP}',
        "components/led/CMakeLists.txt": LED.format(" REQUIRES driver"),
        "components/led/led.c": '#include "led.h"\n',
        "components/led/led.h": GPIO,
    }
    build(tmp_path, files)


def test_requirement_that_is_taken_away_is_missed_though_nothing_else_changed(tmp_path: Path) -> None:
    files = {"main/CMakeLists.txt": MAIN.format(" REQUIRES driver"), "main/small.c": GPIO + APP}
    build(tmp_path, files)

    with pytest.raises(KitError, match="add driver to PRIV_REQUIRES"):
        build(tmp_path, files | {"main/CMakeLists.txt": MAIN.format(" REQUIRES json")})
