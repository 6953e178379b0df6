"""Makes small ESP-IDF projects for the toolchain's tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

PROJECT: Final = (
    "cmake_minimum_required(VERSION 3.16)\ninclude($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(small)\n"
)
COMPONENT: Final = 'idf_component_register(SRCS "small.c" INCLUDE_DIRS ".")\n'
SOURCE: Final = '#include "esp_log.h"\nvoid app_main(void)\n{\n    ESP_LOGI("small", "hello");\n}\n'


def make_project(folder: Path, files: Mapping[str, str | bytes] | None = None) -> Path:
    """Return a project that builds, with these files in addition to or instead of its own."""
    contents: dict[str, str | bytes] = {
        "CMakeLists.txt": PROJECT,
        "main/CMakeLists.txt": COMPONENT,
        "main/small.c": SOURCE,
        **(files or {}),
    }
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
