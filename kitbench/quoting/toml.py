"""TOML that no tomlkit document holds: a text as a basic string.

Source: toml.io/en/v1.0.0, "String".
"""

import json
import re
from typing import Final

_HALF_A_PAIR: Final = re.compile(r"[\ud800-\udfff]")


def string(text: str) -> str:
    """Return the text as a basic string: JSON's escapes are TOML's, but for U+007F; half a pair becomes U+FFFD."""
    return json.dumps(_HALF_A_PAIR.sub("\ufffd", text), ensure_ascii=False).replace("\x7f", "\\u007f")
