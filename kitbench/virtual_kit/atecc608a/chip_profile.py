"""Chips as they are sold and as a course prepares them.

Slot and key configurations: ATECC608A data sheet (factory defaults), ATECC608A-TNGTLS and -TFLXTLS data sheets.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from kitbench.virtual_kit.atecc608a.chip import HANDLERS, Chip
from kitbench.virtual_kit.atecc608a.config_zone import LOCKED, UNLOCKED, ConfigZone
from kitbench.virtual_kit.atecc608a.state import State

REVISION: Final = bytes.fromhex("00006002")


class Profile(StrEnum):
    """What is soldered to the kit."""

    FACTORY = "factory"
    TCUSTOM_LOCKED = "tcustom_locked"
    TNG = "tng"
    TFLEX = "tflex"


@dataclass(frozen=True, slots=True)
class _Blueprint:
    """What distinguishes a profile: 8-bit I2C address, SlotConfig, KeyConfig, locks, and the slots that hold a key."""

    i2c_address: int
    slots: bytes
    keys: bytes
    is_locked: bool
    key_slots: tuple[int, ...]


_FACTORY_SLOTS: Final = bytes.fromhex("83208720 8f20c48f 8f8f8f8f 9f8f0f0f 0f0f0f0f 0f0f0f0f 0f0f0f0f 0f0faf8f")
_FACTORY_KEYS: Final = bytes.fromhex("33003300 33001c00 1c001c00 1c001c00 3c003c00 3c003c00 3c003c00 3c001c00")
_TNG_SLOTS: Final = bytes.fromhex("85008200 85208520 85208f46 8f0f9f8f 0f0f8f0f 0f0f0f0f 0f0f0f0f 0f0f0d1f 0f0f")[:32]
_TNG_KEYS: Final = bytes.fromhex("53005300 73007300 73003800 7c001c00 3c001a00 3c003000 3c003000 12003000")
_TFLEX_SLOTS: Final = bytes.fromhex("85008200 85208520 8520c646 8f0f9f8f 0f0f8f0f 0f0f0f0f 0f0f0f0f 0d1f0f0f")

_BLUEPRINTS: Final = {
    Profile.FACTORY: _Blueprint(0xC0, _FACTORY_SLOTS, _FACTORY_KEYS, is_locked=False, key_slots=()),
    Profile.TCUSTOM_LOCKED: _Blueprint(0xC0, _FACTORY_SLOTS, _FACTORY_KEYS, is_locked=True, key_slots=(0,)),
    Profile.TNG: _Blueprint(0x6A, _TNG_SLOTS, _TNG_KEYS, is_locked=True, key_slots=(0, 1)),
    Profile.TFLEX: _Blueprint(0x6C, _TFLEX_SLOTS, _TNG_KEYS, is_locked=True, key_slots=(0, 1)),
}


def make_chip(
    profile: Profile, *, random: Callable[[int], bytes] = os.urandom, log: Callable[[str], None] = lambda _line: None
) -> Chip:
    """Return a chip with a serial number and keys of its own."""
    blueprint = _BLUEPRINTS[profile]
    state = State(ConfigZone(_config(blueprint, random(6))), random=random)
    for slot in blueprint.key_slots:
        state.keys[slot] = ec.generate_private_key(ec.SECP256R1())
    return Chip(state, HANDLERS, log)


def _config(blueprint: _Blueprint, unique: bytes) -> bytes:
    """Return the 128 bytes of the configuration zone (data sheet, table 2-5)."""
    lock = LOCKED if blueprint.is_locked else UNLOCKED
    head = b"\x01\x23" + unique[:2] + REVISION + unique[2:6] + b"\xee\x01\x00\x00"
    address = bytes((blueprint.i2c_address, 0, 0, 0))
    counters = bytes.fromhex("ffffffff00000000") * 2
    misc = bytes(16) + bytes(2) + bytes((lock, lock)) + b"\xff\xff" + bytes(2) + bytes(4)
    return head + address + blueprint.slots + counters + misc + blueprint.keys
