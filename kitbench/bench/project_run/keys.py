"""The keys of the monitor, those of `idf.py monitor`: Ctrl-] leaves, Ctrl-T then Ctrl-R resets the kit. Pure.

Source: ESP-IDF programming guide, "IDF Monitor".
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

LEAVE: Final = 0x1D
MENU: Final = 0x14
_INTERRUPT: Final = 0x03
_RESET: Final = 0x12
HELP: Final = "--- Ctrl-] leaves, Ctrl-T Ctrl-R resets the kit, Ctrl-T Ctrl-T and Ctrl-T Ctrl-] are sent to it"


class Order(Enum):
    """What a key asks of the monitor itself."""

    LEAVE = auto()
    RESET = auto()
    HELP = auto()


@dataclass(slots=True)
class Keys:
    """Tells what is typed for the kit from what is typed for the monitor."""

    _is_in_menu: bool = False

    def typed(self, data: bytes) -> tuple[bytes, list[Order]]:
        """Return what goes to the kit, and the orders, both in the order in which they were typed.

        What is typed after Ctrl-] goes nowhere.
        """
        through = bytearray()
        orders: list[Order] = []
        for key in data:
            if self._is_in_menu:
                self._is_in_menu = False
                if key in {LEAVE, MENU}:
                    through.append(key)
                else:
                    orders.append(Order.RESET if key == _RESET else Order.HELP)
            elif key == MENU:
                self._is_in_menu = True
            elif key in {LEAVE, _INTERRUPT}:
                orders.append(Order.LEAVE)
                break
            else:
                through.append(key)
        return bytes(through), orders
