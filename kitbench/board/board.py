"""A board: its parts by name, and what is wrong with wirings that no table could have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kitbench.board.kind import PartKind, Quantity
from kitbench.board.wifi import Wifi
from kitbench.errors import UsageError
from kitbench.spelling import did_you_mean

#: Chips by their addresses of eight bits, as a course or Microchip prepares them.
_PROFILES: Final = {0xC0: "tcustom_locked", 0x6A: "tng", 0x6C: "tflex"}
#: The quantity whose name every part has: whether it is plugged in at all.
FITTED = "fitted"


@dataclass(frozen=True, slots=True)
class Part:
    """A part on a board.

    Attributes:
        pins: GPIO numbers by the names of the kind's wires.
        address: on its I2C bus, 0 where it is on none: seven bits; eight for an ATECC608A, as its libraries have it.
        is_active_low: a lamp that shines while its pin is low.
        values: what it measures at first.
    """

    name: str
    kind: PartKind
    pins: Mapping[str, int]
    address: int = 0
    is_active_low: bool = False
    values: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        wires = ", ".join(f"{wire.upper() if wire != 'pin' else 'GPIO'} {pin}" for wire, pin in self.pins.items())
        return f"{self.name} ({self.kind.name}, {wires})"


@dataclass(frozen=True, slots=True)
class Board:
    """What is fitted to a kit, by the names that tests and people use.

    Attributes:
        name: of the board, or its file.
        is_named: somebody chose it, so that it describes the wiring of a real kit, too.
        wifi: the network around it; None lets everybody in, whatever name and password they know.
    """

    name: str
    parts: Mapping[str, Part] = field(default_factory=dict)
    is_named: bool = False
    wifi: Wifi | None = None

    def of_kind(self, *kinds: str) -> tuple[Part, ...]:
        """Return the parts of these kinds in the file's order."""
        return tuple(part for part in self.parts.values() if part.kind.name in kinds)

    @property
    def secure_element(self) -> Part | None:
        """The ATECC608A, if one is fitted."""
        return next(iter(self.of_kind("ATECC608A")), None)

    @property
    def secure_element_profile(self) -> str:
        """How the ATECC608A was prepared, by its address; `none` for a board without one."""
        return _PROFILES[self.secure_element.address] if self.secure_element is not None else "none"

    @property
    def wiring(self) -> tuple[tuple[str, str], ...]:
        """Kconfig symbols and values of esp-cryptoauthlib for the secure element's pins and address."""
        if (part := self.secure_element) is None:
            return ()
        sda, scl = str(part.pins["sda"]), str(part.pins["scl"])
        address = ("ATCA_I2C_ADDRESS", hex(part.address))
        return (("ATCA_I2C_SDA_PIN", sda), ("ATCA_I2C_SCL_PIN", scl), address)

    def part(self, name: str) -> Part:
        """Return a part.

        Raises:
            UsageError: the board has none of that name.
        """
        if name not in self.parts:
            raise UsageError(f"board {self.name} has no part {name!r}: {did_you_mean(name, self.parts)}", stage="board")
        return self.parts[name]

    def find_quantity(self, text: str) -> tuple[Part, str]:
        """Return the part and the quantity that `aht.temperature` means, or `temperature` where one part alone has it.

        Raises:
            UsageError: no part has it, or several have.
        """
        name, _, quantity = text.rpartition(".")
        if name:
            part = self.part(name)
            if quantity != FITTED and quantity not in part.kind.quantities:
                raise UsageError(
                    f"{part} has no {quantity!r}: {did_you_mean(quantity, [*part.kind.quantities, FITTED])}",
                    stage="board",
                )
            return part, quantity
        owners = [part for part in self.parts.values() if quantity in part.kind.quantities]
        if len(owners) != 1:
            raise UsageError(self._why_not_one(quantity, owners), stage="board")
        return owners[0], quantity

    def _why_not_one(self, quantity: str, owners: list[Part]) -> str:
        if owners:
            ways = " or ".join(f"{part.name}.{quantity}" for part in owners)
            return f"several parts have a {quantity}: say {ways}"
        known = {name for part in self.parts.values() for name in part.kind.quantities}
        return f"no part of board {self.name} has a {quantity!r}: {did_you_mean(quantity, known)}"


def check_value(part: Part, quantity: str, value: object) -> float:
    """Return a value that the part can have.

    Raises:
        UsageError: it is no number, or out of the part's range.
    """
    what = f"{part.name}.{quantity}"
    if quantity == FITTED:
        if value not in (True, False):
            raise UsageError(f"{what} is {value!r}, expected true or false", stage="board")
        return float(bool(value))
    known: Quantity = part.kind.quantities[quantity]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"{what} is {value!r}, expected a number in {known.unit}", stage="board")
    if not known.lowest <= value <= known.highest:
        span = f"{known.lowest:g} to {known.highest:g} {known.unit}"
        raise UsageError(f"{what} is {value:g}, but a {part.kind.name} has {span}", stage="board")
    return float(value)
