"""An LED at a pin: how bright it is, by the pin's level or by the duty of its wave."""

from dataclasses import dataclass


@dataclass(slots=True)
class Lamp:
    """An LED and its resistor, to ground or, where it is active low, to 3.3 V.

    Attributes:
        high: the part of the time for which its pin is high, 0 to 1; None: the pin drives nothing.
        frequency: of the wave in Hz, 0 for a level.
    """

    is_active_low: bool = False
    high: float | None = None
    frequency: int = 0

    @property
    def duty(self) -> float:
        """For which part of the time it shines, 0 to 1."""
        if self.high is None:
            return 0.0
        return 1.0 - self.high if self.is_active_low else self.high

    def state(self) -> dict[str, float | bool]:
        """Return what a person sees, by name."""
        return {"is_on": self.duty > 0, "duty": self.duty, "frequency": self.frequency if 0 < self.duty < 1 else 0}
