"""The copy of a rubric that students get: without hidden criteria, and without comments, which may speak of them."""

import tomllib
from collections.abc import Mapping
from typing import Any, Final

import tomlkit

from kitbench.errors import UsageError

_HEADING: Final = (
    "# What is asked for, to try it with: kitbench check --rubric THIS_FILE. The course may ask for more.\n"
)
_TABLES: Final = ("criterion", "manual")


def public_rubric(text: str) -> str:
    """Return a rubric's text without what is hidden.

    Args:
        text: of a rubric that was read before, so that it is known to be sound.

    Raises:
        UsageError: every criterion is hidden.
    """
    table = tomllib.loads(text)
    shown = {key: _shown(rows) if key in _TABLES else rows for key, rows in table.items()}
    if not shown["criterion"]:
        raise UsageError("every criterion is hidden", stage="rubric", fix="show at least one")
    return _HEADING + tomlkit.dumps({key: value for key, value in shown.items() if value != []})


def _shown(rows: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != "hidden"} for row in rows if not row.get("hidden")]
