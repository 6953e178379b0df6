"""Kinds of parts: how each is wired, what it measures and in which range. Figures are those of the data sheets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

#: What an ESP32 can drive; GPIO6 to 11 lead to its flash, GPIO34 to 39 have no output.
OUTPUT_PINS: Final = frozenset(range(34)) - frozenset(range(6, 12)) - {20, 24, 28, 29, 30, 31}
#: ESP32 data sheet, "Analog pins": ADC1, then ADC2.
ANALOGUE_PINS: Final = frozenset(range(32, 40)) | {0, 2, 4, 12, 13, 14, 15, 25, 26, 27}


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a part measures: its unit, the range that the part has, and what it measures until somebody says more."""

    unit: str
    lowest: float
    highest: float
    usual: float


@dataclass(frozen=True, slots=True)
class PartKind:
    """A kind of part.

    Attributes:
        name: as a board file has it.
        wires: the names of its pins there.
        pins: where these may lead.
        quantities: what it measures, by name; all may be set where the part is simulated.
        addresses: that it may have on an I2C bus; the first is the usual one.
        is_lamp: it shows something, so that its state can be read.
    """

    name: str
    wires: tuple[str, ...]
    pins: frozenset[int] = OUTPUT_PINS
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    addresses: tuple[int, ...] = ()
    is_lamp: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """What a board file may say of such a part, beside its kind."""
        more = (("address",) if self.addresses else ()) + (("active_low",) if self.is_lamp else ())
        return (*self.wires, *more, *self.quantities)


_BUS: Final = ("sda", "scl")
_HUMIDITY: Final = Quantity("%", 0.0, 100.0, 40.0)
_AHT: Final = {"temperature": Quantity("°C", -40.0, 85.0, 21.0), "humidity": _HUMIDITY}

#: In the order in which messages name them.
KINDS: Final[Mapping[str, PartKind]] = {
    kind.name: kind
    for kind in (
        PartKind("AHT10", _BUS, quantities=_AHT, addresses=(0x38, 0x39)),
        PartKind("AHT20", _BUS, quantities=_AHT, addresses=(0x38,)),
        PartKind(
            "DHT22",
            ("pin",),
            quantities={"temperature": Quantity("°C", -40.0, 80.0, 21.0), "humidity": _HUMIDITY},
        ),
        PartKind("analogue", ("pin",), ANALOGUE_PINS, {"voltage": Quantity("V", 0.0, 3.3, 0.0)}),
        PartKind("LED", ("pin",), is_lamp=True),
        # CryptoAuthLib's addresses have eight bits: TrustCustom and blank, Trust&GO, TrustFLEX.
        PartKind("ATECC608A", _BUS, addresses=(0xC0, 0x6A, 0x6C)),
    )
}
