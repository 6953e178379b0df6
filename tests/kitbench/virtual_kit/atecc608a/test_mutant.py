"""Each mutant is caught by the claim that it breaks; the sound chip passes every claim."""

from collections.abc import Callable

import pytest

from kitbench.virtual_kit.atecc608a import Chip, Profile, make_chip
from kitbench.virtual_kit.atecc608a.config_zone import ConfigZone
from kitbench.virtual_kit.atecc608a.cryptoauthlib import CryptoAuthLib
from kitbench.virtual_kit.atecc608a.mutant import Mutant, mutate

Connect = Callable[[Chip], CryptoAuthLib]


def is_unreadable(library: CryptoAuthLib) -> bool:
    sizes = ((word, 4) for word in range(8)), ((0, 32),)
    return all(library.atcab_read_zone(2, 0, 0, word, size)[0] for group in sizes for word, size in group)


def is_secret(library: CryptoAuthLib) -> bool:
    return ConfigZone(library.atcab_read_config_zone()[1]).slot(0).is_secret


def is_never_imported(library: CryptoAuthLib) -> bool:
    return not ConfigZone(library.atcab_read_config_zone()[1]).slot(0).may_import


def signs_afresh(library: CryptoAuthLib) -> bool:
    return library.atcab_sign(0, b"1" * 32) != library.atcab_sign(0, b"2" * 32)


def is_owner(library: CryptoAuthLib) -> bool:
    digest, public = b"d" * 32, library.atcab_get_pubkey(0)[1]
    library.atcab_sign(0, bytes(32))
    return library.atcab_verify_extern(digest, library.atcab_sign(0, digest)[1], public) == (0, b"\1")


CLAIMS = {
    Mutant.LEAKY_READ: is_unreadable,
    Mutant.READABLE_SLOT: is_secret,
    Mutant.IMPORTED_KEY: is_never_imported,
    Mutant.CONSTANT_SIGNATURE: signs_afresh,
    Mutant.FOREIGN_KEY: is_owner,
}


def test_sound_chip_passes_every_claim(library: CryptoAuthLib) -> None:
    assert all(claim(library) for claim in CLAIMS.values())


@pytest.mark.parametrize("mutant", Mutant)
def test_mutant_is_caught(mutant: Mutant, connect: Connect) -> None:
    library = connect(mutate(make_chip(Profile.TCUSTOM_LOCKED), mutant))

    assert not CLAIMS[mutant](library)


def test_leaky_read_gives_the_key_away(connect: Connect) -> None:
    chip = make_chip(Profile.TCUSTOM_LOCKED)
    secret = chip.state.keys[0].private_numbers().private_value.to_bytes(32)

    assert connect(mutate(chip, Mutant.LEAKY_READ)).atcab_read_zone(2, 0, 0, 0, 32)[1] == secret
