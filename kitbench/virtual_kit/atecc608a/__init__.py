"""A model of Microchip's ATECC608A: chip (packets in, packets out), I2C bus, profiles, faults and mutants.

Source: ATECC608A summary data sheet, ATECC508A complete data sheet (DS20005927A) and the open CryptoAuthLib headers.
What is modelled, what is not and what nobody has compared with silicon stands in docs/fidelity/secure-element.md.
"""

from kitbench.virtual_kit.atecc608a.bus import ChipBus
from kitbench.virtual_kit.atecc608a.chip import Chip
from kitbench.virtual_kit.atecc608a.chip_profile import Profile, make_chip

__all__ = ["Chip", "ChipBus", "Profile", "make_chip"]
