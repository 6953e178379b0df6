"""Chips with a bus and a library on it."""

from collections.abc import Callable

import pytest

from kitbench.virtual_kit.atecc608a import Chip, ChipBus, Profile, make_chip
from kitbench.virtual_kit.atecc608a.cryptoauthlib import CryptoAuthLib


@pytest.fixture(name="chip")
def _chip() -> Chip:
    """Return a chip as a course uses it: locked, with a key in slot 0."""
    return make_chip(Profile.TCUSTOM_LOCKED)


@pytest.fixture(name="connect")
def _connect() -> Callable[[Chip], CryptoAuthLib]:
    """Return a function that puts a chip on a bus and initialises the library."""

    def connect(chip: Chip) -> CryptoAuthLib:
        library = CryptoAuthLib(ChipBus(chip))
        status, _ = library.atcab_init()
        assert status == 0
        return library

    return connect


@pytest.fixture(name="library")
def _library(chip: Chip, connect: Callable[[Chip], CryptoAuthLib]) -> CryptoAuthLib:
    """Return the library on `chip`."""
    return connect(chip)
