"""The board of the kit in a test: what its sensors measure can be set where it is simulated, and what it shows read.

On a real kit the same names describe the wiring; who sets or reads a part there is refused in words.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from kitbench.board.board import Board, Part
from kitbench.board.door import Door, PartStates
from kitbench.errors import BenchError, KitError

_STAGE: Final = "board"
_LOOK_EVERY_S: Final = 0.05


class BenchBoard:
    """A board by the names of its parts.

    Attributes:
        description: what is fitted to which pins.
    """

    def __init__(self, description: Board, door: Door | None) -> None:
        self.description = description
        self._door = door

    @property
    def is_simulated(self) -> bool:
        """Whether values can be set and lamps read: a table that is real needs a person for both."""
        return self._door is not None

    def __getitem__(self, name: str) -> "BenchPart":
        """Return a part.

        Raises:
            UsageError: the board has none of that name.
        """
        return BenchPart(self, self.description.part(name))

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the parts."""
        return iter(self.description.parts)

    def set(self, values: Mapping[str, float | bool] | None = None, /, **named: float | bool) -> None:
        """Set what parts measure: `set(temperature=31.5)`, or `set({"aht.temperature": 31.5})` where several have one.

        Raises:
            UsageError: no part has such a quantity, or it cannot have such a value.
            BenchError: the board is a real one.
        """
        wanted = {**(values or {}), **named}
        found = [f"{quantity} of {part}" for part, quantity in map(self.description.find_quantity, wanted)]
        self._opened(f"set {', '.join(found)}").set(wanted)

    def state(self) -> PartStates:
        """Return all parts by name; what each is, measures and shows.

        Raises:
            BenchError: the board is a real one.
        """
        return self._opened("read its parts").state()

    @contextmanager
    def values_kept(self) -> Iterator[None]:
        """Put back at the end what was measured before."""
        before = self.state() if self.is_simulated else {}
        try:
            yield
        finally:
            values = {
                f"{name}.{quantity}": before[name][quantity]
                for name, part in self.description.parts.items()
                if name in before
                for quantity in (*part.kind.quantities, "fitted")
            }
            if values:
                self.set(values)

    def _opened(self, what: str) -> Door:
        if self._door is None:
            raise BenchError(
                f"the bench cannot {what}: this kit's table is real, or has no parts",
                stage=_STAGE,
                fix="judge it on --kit virtual, or ask `board.is_simulated` first",
            )
        return self._door


class BenchPart:
    """A part on the board of the kit in a test."""

    def __init__(self, board: BenchBoard, part: Part) -> None:
        self._board = board
        self._part = part
        self.name = part.name
        self.kind = part.kind.name
        self.pins = dict(part.pins)

    def set(self, **values: float | bool) -> None:
        """Set what it measures: `board["aht"].set(temperature=31.5, humidity=40)`; see `BenchBoard.set`."""
        self._board.set({f"{self.name}.{quantity}": value for quantity, value in values.items()})

    def state(self) -> dict[str, Any]:
        """Return what it measures and shows, by name; raises BenchError on a real board."""
        return self._board.state()[self.name]

    @property
    def is_on(self) -> bool:
        """Whether a lamp shines at all."""
        return bool(self._shown("is_on"))

    @property
    def duty(self) -> float:
        """For which part of the time a lamp shines, 0 to 1."""
        return float(self._shown("duty"))

    @property
    def frequency(self) -> int:
        """How often a second it does so, in Hz; 0 for a lamp that is on or off."""
        return int(self._shown("frequency"))

    def wait_until(self, *, is_on: bool, within_s: float) -> None:
        """Return when a lamp is on, or off.

        Raises:
            KitError: it is not within that time.
            BenchError: the board is a real one.
        """
        deadline = time.monotonic() + within_s
        while self.is_on is not is_on:
            if time.monotonic() > deadline:
                state = "off" if is_on else "on"
                raise KitError(f"{self._part} is still {state} after {within_s:g} s", stage=_STAGE)
            time.sleep(_LOOK_EVERY_S)

    def _shown(self, what: str) -> Any:
        state = self.state()
        if what not in state:
            raise BenchError(f"{self._part} shows nothing, or is not fitted", stage=_STAGE)
        return state[what]
