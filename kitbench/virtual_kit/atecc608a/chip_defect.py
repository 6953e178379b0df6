"""A chip on its bus as asked for by name: sound, at fault, or wrong in itself."""

from collections.abc import Callable
from typing import Final

from kitbench.virtual_kit.atecc608a.bus import ChipBus, Fault
from kitbench.virtual_kit.atecc608a.chip_profile import Profile, make_chip
from kitbench.virtual_kit.atecc608a.mutant import Mutant, mutate

#: Names of every fault and mutant.
DEFECTS: Final = tuple(one.name.lower() for one in (*Fault, *Mutant))


def make_bus(profile: str, defect: str | None = None, *, log: Callable[[str], None] = lambda _line: None) -> ChipBus:
    """Return the bus with a new chip of that `Profile`; `defect` is one of `DEFECTS`.

    Raises:
        ValueError: there is no such profile or defect.
    """
    chip = make_chip(Profile(profile), log=log)
    if defect is None:
        return ChipBus(chip)
    if defect not in DEFECTS:
        raise ValueError(f"defect {defect!r} is none of {', '.join(DEFECTS)}")
    if defect.upper() in Mutant.__members__:
        return ChipBus(mutate(chip, Mutant[defect.upper()]))
    return ChipBus(chip, fault=Fault[defect.upper()])
