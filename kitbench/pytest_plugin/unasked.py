"""Which on-kit tests nobody asks for: they are left out, as one that asks nothing shows nothing."""

from typing import Final

import pytest

from kitbench.errors import UsageError
from kitbench.pytest_plugin.options import read_options

MARKER: Final = "asked"


#: The fixture that needs what `--rule` and `--table` name.
_RULE: Final = "rule_in_test"


def deselect_unasked(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of a rule without `--rule` and `--table`, and those that the rubric's [traffic] switches off.

    These are marked `asked("nonce")`, say, and go where the table [traffic] of --rubric has `nonce = false`.
    """
    unasked = [*_without_rule(config, items), *_switched_off(config, items)]
    if unasked:
        config.hook.pytest_deselected(items=unasked)
        items[:] = [item for item in items if item not in unasked]


def _without_rule(config: pytest.Config, items: list[pytest.Item]) -> list[pytest.Item]:
    if config.getoption("--rule") and config.getoption("--table"):
        return []
    return [item for item in items if _RULE in getattr(item, "fixturenames", ())]


def _switched_off(config: pytest.Config, items: list[pytest.Item]) -> list[pytest.Item]:
    marked = {item: str(mark.args[0]) for item in items if (mark := item.get_closest_marker(MARKER)) and mark.args}
    if not marked:
        return []
    try:
        rules = read_options(config).traffic
    except UsageError:  # told when the run starts
        return []
    return [item for item, name in marked.items() if getattr(rules, name, True) is False]
