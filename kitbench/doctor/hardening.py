"""How hard a kit is to take apart, by its eFuses: for whoever ships it, and none of the bench's business."""

from typing import Final

from kitbench.bench.kits.kit_choice import KitChoice
from kitbench.doctor.check import Line, State
from kitbench.errors import KitbenchError
from kitbench.hardening.efuse_items import efuse_items
from kitbench.hardening.efuse_reading import read_efuses
from kitbench.hardening.facts import Facts
from kitbench.hardening.item import Item, Result
from kitbench.kit.port_lock import owned

#: What fails for a product is what a bench's own kit must be: open. So nothing here makes a bench unfit.
_STATES: Final = {Result.PASS: State.OK, Result.FAIL: State.WARN, Result.INCONCLUSIVE: State.WARN}


def lines(kit: KitChoice) -> list[Line]:
    """Return a line for each item that eFuses decide; the kit is restarted. A kit that a run owns is left alone."""
    try:
        with owned(kit.port):
            return [_line(item) for item in efuse_items(Facts(read_efuses(kit.port)))]
    except KitbenchError as error:
        return [Line("hardening", State.WARN, error.message, error.fix)]


def nothing_attached() -> Line:
    """Say that a kit that is started for a run has nothing to judge."""
    return Line("hardening", State.WARN, "no kit is attached", "kitbench audit --efuses FILE, or --kit PORT")


def _line(item: Item) -> Line:
    return Line(item.id, _STATES[item.result], f"{item.result.value}: {item.name}: {item.seen}", item.fix)
