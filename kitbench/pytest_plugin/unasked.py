"""Which on-kit tests the class's rubric does not ask for: they are left out, as one that asks nothing shows nothing."""

from typing import Final

import pytest

from kitbench.errors import UsageError
from kitbench.pytest_plugin.options import read_options

MARKER: Final = "asked"


def deselect_unasked(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests marked `asked("nonce")`, say, where the table [traffic] of --rubric has `nonce = false`."""
    marked = {item: str(mark.args[0]) for item in items if (mark := item.get_closest_marker(MARKER)) and mark.args}
    if not marked:
        return
    try:
        rules = read_options(config).traffic
    except UsageError:  # told when the run starts
        return
    unasked = [item for item, name in marked.items() if getattr(rules, name, True) is False]
    if unasked:
        config.hook.pytest_deselected(items=unasked)
        items[:] = [item for item in items if item not in unasked]
