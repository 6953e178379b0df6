"""Chips by the name of what is wrong with them."""

import pytest

from kitbench.virtual_kit.atecc608a import Profile
from kitbench.virtual_kit.atecc608a.bus import Fault
from kitbench.virtual_kit.atecc608a.chip_defect import DEFECTS, make_bus
from kitbench.virtual_kit.atecc608a.cryptoauthlib import CryptoAuthLib


def test_sound_chip_answers() -> None:
    library = CryptoAuthLib(make_bus(Profile.TNG))

    assert library.atcab_init() == (0, b"")
    assert library.atcab_info()[0] == 0


@pytest.mark.parametrize("flaw", DEFECTS)
def test_every_flaw_can_be_had_by_name(flaw: str) -> None:
    bus = make_bus(Profile.TCUSTOM_LOCKED, flaw)

    assert (bus.fault is not None) is (flaw.upper() in Fault.__members__)
    library = CryptoAuthLib(bus)
    library.atcab_init()
    assert (library.atcab_info()[0] == 0) is (bus.fault is None)


def test_leaky_chip_leaks() -> None:
    library = CryptoAuthLib(make_bus(Profile.TCUSTOM_LOCKED, "leaky_read"))
    library.atcab_init()

    assert library.atcab_read_zone(2, 0, 0, 0, 32)[0] == 0


def test_unknown_flaw() -> None:
    with pytest.raises(ValueError, match="'tired' is none of absent, busy"):
        make_bus(Profile.TNG, "tired")
