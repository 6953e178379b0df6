"""The auto-reset circuit between the USB bridge's modem lines and the chip's EN and IO0.

Not the textbook's two-transistor table: with 50 ms and more between two changes its (1,1) state would release EN,
while boards, with a capacitor at EN, stay in reset until RTS falls.
"""

from enum import Enum


class Edge(Enum):
    """What the chip sees of a change."""

    NONE = "nothing"
    RESET = "EN went low"
    RUN = "EN went high with IO0 high"
    DOWNLOAD = "EN went high with IO0 low"


class ResetCircuit:
    """Turns DTR and RTS, as a host asserts them, into edges of EN. A port that is opened, (1,1), changes nothing."""

    def __init__(self) -> None:
        self.dtr = False
        self.rts = False
        self.is_in_reset = False

    def set_dtr(self, *, asserted: bool) -> Edge:
        """DTR changes; with RTS asserted already, releasing DTR pulls EN low."""
        self.dtr = asserted
        return self._enter_reset()

    def set_rts(self, *, asserted: bool) -> Edge:
        """RTS changes; its release ends a reset and samples DTR as IO0."""
        self.rts = asserted
        if not asserted and self.is_in_reset:
            self.is_in_reset = False
            return Edge.DOWNLOAD if self.dtr else Edge.RUN
        return self._enter_reset()

    def _enter_reset(self) -> Edge:
        if self.rts and not self.dtr and not self.is_in_reset:
            self.is_in_reset = True
            return Edge.RESET
        return Edge.NONE
