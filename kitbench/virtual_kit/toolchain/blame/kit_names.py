"""The names that the stand-in for ESP-IDF has: those that its headers and the C library's declare."""

from functools import cache
from pathlib import Path

from kitbench.firmware.esp_idf_index.c_header import names_in
from kitbench.firmware.esp_idf_index.kind import Kind
from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.toolchain import zig


@cache
def kit_names() -> frozenset[str]:
    """Return what a project may name: functions, types, macros, enumerators and variables."""
    folders = (esp_idf.include_dir(), esp_idf.include_dir_of_4(), *zig.header_folders())
    headers = [path for folder in folders for path in folder.rglob("*.h")]
    return frozenset(name for path in headers for name in _names(path))


def _names(path: Path) -> list[str]:
    text = path.read_text("utf-8", "replace")
    return [name.text for name in names_in(text) if name.kind not in {Kind.FIELD, Kind.INCLUDED}]
