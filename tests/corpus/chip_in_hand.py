"""A pytest plugin: on-kit tests run on a virtual kit whose secure element can be silenced and swapped meanwhile.

A kit on a desk has its chip soldered; in software it comes off. Whoever connects without it never needed it.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from enum import Enum
from typing import Final

import pytest

from kitbench.board.board_file import read_board
from kitbench.board.door import announced
from kitbench.virtual_kit.atecc608a.bus import ChipBus, Fault
from kitbench.virtual_kit.atecc608a.chip_profile import Profile, make_chip
from kitbench.virtual_kit.kit import KitOptions, VirtualKit


class Deed(Enum):
    """What is done to the chip once the kit has connected with it."""

    SILENCED = "nothing acknowledges any more"
    SWAPPED = "another chip of the same kind, with a key of its own, is in its place"


class ChipInHand:
    """The chip of a running kit."""

    def __init__(self, bus: ChipBus, profile: Profile) -> None:
        self._bus, self._profile = bus, profile
        self._own = bus.chip

    def do(self, deed: Deed) -> None:
        """Silence or swap it."""
        if deed is Deed.SILENCED:
            self._bus.fault = Fault.ABSENT
        else:
            self._bus.chip = make_chip(self._profile)

    def undo(self) -> None:
        """Put the kit's own chip back."""
        self._bus.fault, self._bus.chip = None, self._own


_PROFILE: Final = Profile(read_board(None).secure_element_profile)
_BUS: Final = ChipBus(make_chip(_PROFILE))
_RUNNING: Final = ExitStack()


def pytest_load_initial_conftests(args: list[str]) -> None:
    """Start the kit, and have the run take it, as one that somebody else started."""
    kit = _RUNNING.enter_context(VirtualKit(KitOptions(name="chip in hand", secure_element=_BUS)))
    _RUNNING.enter_context(announced(kit.url, kit.door))
    args += ["--kit", kit.url]


def pytest_unconfigure() -> None:
    """Stop it."""
    _RUNNING.close()


@pytest.fixture
def chip() -> Iterator[ChipInHand]:
    """The kit's chip, sound again afterwards."""
    chip = ChipInHand(_BUS, _PROFILE)
    yield chip
    chip.undo()
