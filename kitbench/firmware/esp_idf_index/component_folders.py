"""Where ESP-IDF's public headers are: the folders that its components' CMakeLists.txt name as include folders.

CMake is not run: every branch counts, and a variable stands for any one folder.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

_COMMENT: Final = re.compile(r"#[^\n]*")
_SET: Final = re.compile(r"\b(?:set|list)\s*\(\s*(?:APPEND\s+)?(?P<name>\w+)(?P<values>[^)]*)\)", re.IGNORECASE)
_REGISTER: Final = re.compile(r"(?<!PRIV_)INCLUDE_DIRS(?P<values>[^)]*)")
_KEYWORD: Final = re.compile(r"\s[A-Z_]{4,}\s")
#: `${…}` as `re.escape` writes it.
_VARIABLE: Final = re.compile(r"\\\$\\\{[^}]*\}")
#: What CMake's own variables stand for in a build for the ESP32.
_VALUES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("target", "idf_target", "IDF_TARGET"), "esp32"),
    **dict.fromkeys(("COMPONENT_DIR", "CMAKE_CURRENT_LIST_DIR", "CMAKE_CURRENT_SOURCE_DIR"), "."),
    "arch": "xtensa",
}


def include_folders(cmake: str, folder: str = "") -> Iterator[re.Pattern[str]]:
    """Yield patterns of the folders, relative to the component, that one of its CMakeLists.txt makes public.

    What stands in a CMakeLists.txt below the component, in `folder`, may be relative to either.
    """
    text = _COMMENT.sub("", cmake)
    lists = [match["values"] for match in _SET.finditer(text) if _is_public(match["name"])]
    lists += [_KEYWORD.split(f" {match['values']} ")[0] for match in _REGISTER.finditer(text)]
    for word in dict.fromkeys(word.strip("\"'") for values in lists for word in values.split()):
        if "$<" not in word:
            yield from (_pattern(place) for place in dict.fromkeys((word, f"{folder}/{word}")))


def _is_public(variable: str) -> bool:
    return "include" in variable.lower() and "priv" not in variable.lower()


def _pattern(word: str) -> re.Pattern[str]:
    for name, value in _VALUES.items():
        word = word.replace(f"${{{name}}}", value)
    parts = [part for part in word.split("/") if part not in {"", "."}]
    return re.compile(_VARIABLE.sub("[^/]+", re.escape("/".join(parts))))
