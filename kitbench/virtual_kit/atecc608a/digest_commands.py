"""Random, Nonce, SHA: commands that fill TempKey and the message digest buffer (data sheet, 11.11, 11.14, 11.16)."""

import hashlib

from kitbench.virtual_kit.atecc608a.packet import Command, Opcode, RefusedError, Status
from kitbench.virtual_kit.atecc608a.state import State

_SUCCESS = bytes((Status.SUCCESS,))
_BLOCK = 64

#: What Random and Nonce give out while the configuration is open: recognisably not random.
UNLOCKED_RANDOM = bytes.fromhex("ffff0000") * 8


def random(state: State, command: Command) -> bytes:
    """Return 32 random bytes."""
    if command.data or command.param1 > 1 or command.param2:
        raise RefusedError(Status.PARSE_ERROR)
    return _random(state)


def nonce(state: State, command: Command) -> bytes:
    """Set TempKey from the chip's random number and the host's, or pass the host's value through."""
    mode = command.param1 & 0x03
    if mode == 3:
        return _pass_through(state, command)
    if mode == 2 or len(command.data) != 20 or command.param1 & 0xFC:
        raise RefusedError(Status.PARSE_ERROR)
    number = _random(state)
    seed = number + command.data + bytes((Opcode.NONCE, command.param1, 0))
    state.sram.temp_key = hashlib.sha256(seed).digest()
    state.sram.temp_key_is_random = True
    return number


def sha(state: State, command: Command) -> bytes:
    """Run one step of a SHA-256 computation: start, a block of 64 bytes, or the end with what is left."""
    mode = command.param1 & 0x07
    if mode == 0:
        if command.data or command.param2:
            raise RefusedError(Status.PARSE_ERROR)
        state.sram.sha = hashlib.sha256()
        return _SUCCESS
    if mode not in {1, 2} or len(command.data) != command.param2:
        raise RefusedError(Status.PARSE_ERROR)
    if state.sram.sha is None:
        raise RefusedError(Status.EXECUTION_ERROR)
    if mode == 1:
        if len(command.data) != _BLOCK:
            raise RefusedError(Status.PARSE_ERROR)
        state.sram.sha.update(command.data)
        return _SUCCESS
    return _finish_sha(state, command)


def _finish_sha(state: State, command: Command) -> bytes:
    if len(command.data) >= _BLOCK or state.sram.sha is None:
        raise RefusedError(Status.PARSE_ERROR)
    state.sram.sha.update(command.data)
    digest = state.sram.sha.digest()
    state.sram.sha = None
    _store(state, command.param1 >> 6, digest)
    return digest


def _pass_through(state: State, command: Command) -> bytes:
    if len(command.data) != (64 if command.param1 & 0x20 else 32) or command.param1 & 0x1C:
        raise RefusedError(Status.PARSE_ERROR)
    if command.param1 >> 6 == 3:
        raise RefusedError(Status.PARSE_ERROR)
    _store(state, command.param1 >> 6, command.data)
    return _SUCCESS


def _store(state: State, target: int, value: bytes) -> None:
    """Put `value` into TempKey (0) or the message digest buffer (1); others are not modelled and keep nothing."""
    if target == 0:
        state.sram.temp_key, state.sram.temp_key_is_random = value, False
    elif target == 1:
        state.sram.message = value


def _random(state: State) -> bytes:
    return state.random(32) if state.config.is_config_locked else UNLOCKED_RANDOM
