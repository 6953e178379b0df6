"""The names of ESP-IDF's public API by version: what the bench needs to tell its own gaps from a project's mistakes.

Names are facts, and all that is kept: no code, no text. `make` makes them from git checkouts.
"""

from kitbench.firmware.esp_idf_index.index import IDENTIFIERS, Index, Origin, esp_idf_index
from kitbench.firmware.esp_idf_index.kind import Kind

__all__ = ["IDENTIFIERS", "Index", "Kind", "Origin", "esp_idf_index"]
