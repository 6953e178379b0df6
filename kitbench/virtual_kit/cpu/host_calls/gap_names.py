"""The names that the shims have for what this kit lacks: firmware links the same import, and may pass any text."""

import functools
import re
from pathlib import Path
from typing import Final

_VIRTUAL_KIT: Final = Path(__file__).parents[2]
_SOURCES: Final = (_VIRTUAL_KIT / "esp_idf" / "src", _VIRTUAL_KIT / "toolchain" / "esp_aws_iot")
_CALL: Final = re.compile(r"\bkit_lacks\((.*?)\);", re.DOTALL)
_LITERAL: Final = re.compile(r'"([^"\\]*)"')


@functools.cache
def gap_names() -> frozenset[str]:
    """Return each text that a shim can pass to `kit_lacks`, read from the shims' own sources."""
    texts = (path.read_text(encoding="utf-8") for folder in _SOURCES for path in folder.rglob("*.c"))
    return frozenset(name for text in texts for call in _CALL.findall(text) for name in _LITERAL.findall(call))
