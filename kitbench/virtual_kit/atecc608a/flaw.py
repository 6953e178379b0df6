"""A chip on its bus as asked for by name: sound, at fault, or wrong in itself."""

from collections.abc import Callable
from typing import Final

from kitbench.virtual_kit.atecc608a.bus import ChipBus, Fault
from kitbench.virtual_kit.atecc608a.mutant import Mutant, mutate
from kitbench.virtual_kit.atecc608a.profile import Profile, make_chip

#: Names of every fault and mutant.
FLAWS: Final = tuple(one.name.lower() for one in (*Fault, *Mutant))


def make_bus(profile: str, flaw: str | None = None, *, log: Callable[[str], None] = lambda _line: None) -> ChipBus:
    """Return the bus with a new chip of that `Profile`; `flaw` is one of `FLAWS`.

    Raises:
        ValueError: there is no such profile or flaw.
    """
    chip = make_chip(Profile(profile), log=log)
    if flaw is None:
        return ChipBus(chip)
    if flaw not in FLAWS:
        raise ValueError(f"flaw {flaw!r} is none of {', '.join(FLAWS)}")
    if flaw.upper() in Mutant.__members__:
        return ChipBus(mutate(chip, Mutant[flaw.upper()]))
    return ChipBus(chip, fault=Fault[flaw.upper()])
