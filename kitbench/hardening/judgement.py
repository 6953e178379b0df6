"""From the facts to the items, and what they come to."""

from collections.abc import Sequence

from kitbench.exit_status import ExitStatus
from kitbench.hardening.efuse_items import efuse_items
from kitbench.hardening.facts import Facts
from kitbench.hardening.firmware_items import firmware_items
from kitbench.hardening.item import Item, Result


def judge(facts: Facts) -> tuple[Item, ...]:
    """Return every item, in the order of the page."""
    return (*efuse_items(facts), *firmware_items(facts))


def status_of(items: Sequence[Item]) -> ExitStatus:
    """Return 1 where an item failed, else 2 where one is inconclusive, else 0."""
    results = {item.result for item in items}
    if Result.FAIL in results:
        return ExitStatus.FOUND_OR_FAILED
    return ExitStatus.CANNOT_JUDGE if results != {Result.PASS} else ExitStatus.GOOD


def summary(items: Sequence[Item]) -> str:
    """Return how many items came to what, in words."""
    counts = [(result.value, sum(item.result is result for item in items)) for result in Result]
    return ", ".join(f"{count} {word}" for word, count in counts if count)
