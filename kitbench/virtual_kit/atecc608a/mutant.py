"""Chips that are wrong in one way each: whoever claims that a key cannot be stolen has to notice every one of them."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from kitbench.virtual_kit.atecc608a import key_commands, memory_commands
from kitbench.virtual_kit.atecc608a.chip import HANDLERS, Chip, Handler
from kitbench.virtual_kit.atecc608a.packet import Command, Opcode
from kitbench.virtual_kit.atecc608a.state import State

_SLOT_0_CONFIG: Final = 20


class Mutant(StrEnum):
    """The way in which a chip is wrong."""

    LEAKY_READ = "slot 0 can be read although the configuration says that it is secret"
    READABLE_SLOT = "IsSecret of slot 0 is off"
    IMPORTED_KEY = "the key came from outside: PrivWrite is allowed and somebody knows it"
    CONSTANT_SIGNATURE = "Sign always returns the same bytes"
    FOREIGN_KEY = "Sign uses another key than the one GenKey shows"


def mutate(chip: Chip, mutant: Mutant) -> Chip:
    """Return a chip with the memory of `chip` that is wrong in this way."""
    if mutant is Mutant.READABLE_SLOT:
        chip.state.config.data[_SLOT_0_CONFIG] &= 0x7F
        return chip
    if mutant is Mutant.IMPORTED_KEY:
        chip.state.config.data[_SLOT_0_CONFIG + 1] |= 0x40
        return chip
    return Chip(chip.state, {**HANDLERS, **_HANDLERS[mutant]()}, chip.log)


def _leaky_read() -> Mapping[int, Handler]:
    def read(state: State, command: Command) -> bytes:
        is_slot_0 = command.param1 & 0x03 == 2 and command.param2 >> 3 & 0xF == 0
        if not is_slot_0 or 0 not in state.keys:
            return memory_commands.read(state, command)
        memory = state.keys[0].private_numbers().private_value.to_bytes(32)
        word = command.param2 & 0x07
        return memory if command.param1 & 0x80 else memory[word * 4 : word * 4 + 4]

    return {Opcode.READ: read}


def _constant_signature() -> Mapping[int, Handler]:
    first: list[bytes] = []

    def sign(state: State, command: Command) -> bytes:
        signature = key_commands.sign(state, command)
        first.append(signature)
        return first[0]

    return {Opcode.SIGN: sign}


def _foreign_key() -> Mapping[int, Handler]:
    foreign = ec.generate_private_key(ec.SECP256R1())

    def sign(state: State, command: Command) -> bytes:
        own = dict(state.keys)
        try:
            state.keys[0] = foreign
            return key_commands.sign(state, command)
        finally:
            state.keys.clear()
            state.keys.update(own)

    return {Opcode.SIGN: sign}


_HANDLERS: Final[Mapping[Mutant, Callable[[], Mapping[int, Handler]]]] = {
    Mutant.LEAKY_READ: _leaky_read,
    Mutant.CONSTANT_SIGNATURE: _constant_signature,
    Mutant.FOREIGN_KEY: _foreign_key,
}
