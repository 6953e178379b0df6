"""Read, Write, Lock, Counter, UpdateExtra: commands on the chip's EEPROM (data sheet, section 11)."""

from kitbench.virtual_kit.atecc608a.config_zone import (
    COUNTERS,
    LOCK_CONFIG,
    LOCK_VALUE,
    LOCKED,
    SLOT_COUNT,
    USER_EXTRA,
)
from kitbench.virtual_kit.atecc608a.packet import Command, RefusedError, Status, crc16
from kitbench.virtual_kit.atecc608a.state import State

_SUCCESS = bytes((Status.SUCCESS,))
_COUNTER_LIMIT = 2_097_151
_BLOCK = 32

_CONFIG, _OTP, _DATA = 0, 1, 2


def read(state: State, command: Command) -> bytes:
    """Return 4 or 32 bytes of a zone where its configuration allows a clear read.

    A block that the slot's end cuts short (8 bytes of a 72-byte slot) is filled up with zeros, as CryptoAuthLib's
    `atcab_read_pubkey` needs it, which reads a public key in three whole blocks.
    """
    zone, size = _zone(command.param1), _block_size(command.param1)
    if command.data or command.param1 & 0x7C:
        raise RefusedError(Status.PARSE_ERROR)
    if zone == _DATA:
        slot, offset = _data_address(command.param2, size)
        _require_readable(state, slot)
        memory = _in_whole_blocks(state.slots[slot]) if size == _BLOCK else bytes(state.slots[slot])
    else:
        offset = _flat_address(command.param2, size)
        memory = bytes(state.config.data if zone == _CONFIG else _readable_otp(state))
    if offset + size > len(memory):
        raise RefusedError(Status.PARSE_ERROR)
    return memory[offset : offset + size]


def write(state: State, command: Command) -> bytes:
    """Change 4 or 32 bytes of a zone in the clear; encrypted writes are not modelled and refused."""
    zone, size = _zone(command.param1), _block_size(command.param1)
    if command.param1 & 0x3C:
        raise RefusedError(Status.PARSE_ERROR)
    if command.param1 & 0x40:
        raise RefusedError(Status.EXECUTION_ERROR)
    if len(command.data) != size:
        raise RefusedError(Status.PARSE_ERROR)
    if zone == _CONFIG:
        _write_config(state, _flat_address(command.param2, size), command.data)
    elif zone == _OTP:
        _write_otp(state, _flat_address(command.param2, size), command.data)
    else:
        _write_slot(state, command.param2, command.data)
    return _SUCCESS


def lock(state: State, command: Command) -> bytes:
    """Lock the configuration zone, data and OTP zone, or one slot; for ever."""
    kind = command.param1 & 0x03
    if command.data or kind == 3:
        raise RefusedError(Status.PARSE_ERROR)
    if kind == 2:
        _lock_slot(state, command.param1 >> 2 & 0xF)
        return _SUCCESS
    already, offset = (
        (state.config.is_config_locked, LOCK_CONFIG) if kind == 0 else (state.config.is_data_locked, LOCK_VALUE)
    )
    if already or (kind == 1 and not state.config.is_config_locked):
        raise RefusedError(Status.EXECUTION_ERROR)
    checks_summary = not command.param1 & 0x80
    if checks_summary and crc16(_summarised(state, kind)) != command.param2.to_bytes(2, "little"):
        raise RefusedError(Status.EXECUTION_ERROR)
    state.config.data[offset] = LOCKED
    return _SUCCESS


def counter(state: State, command: Command) -> bytes:
    """Return a monotonic counter as four bytes, the lowest first, after counting where the mode says so.

    The data sheet ties it to no lock: a chip as sold counts, too.
    """
    if command.data or command.param1 > 1 or command.param2 > 1:
        raise RefusedError(Status.PARSE_ERROR)
    if command.param1 == 1:
        if state.counters[command.param2] >= _COUNTER_LIMIT:
            raise RefusedError(Status.EXECUTION_ERROR)
        state.counters[command.param2] += 1
    return state.counters[command.param2].to_bytes(4, "little")


def update_extra(state: State, command: Command) -> bytes:
    """Set UserExtra or UserExtraAdd, each once: what is not zero stays."""
    if command.data or command.param1 > 1:
        raise RefusedError(Status.PARSE_ERROR)
    offset = USER_EXTRA + command.param1
    if state.config.data[offset]:
        raise RefusedError(Status.EXECUTION_ERROR)
    state.config.data[offset] = command.param2 & 0xFF
    return _SUCCESS


def _zone(param1: int) -> int:
    zone = param1 & 0x03
    if zone == 3:
        raise RefusedError(Status.PARSE_ERROR)
    return zone


def _block_size(param1: int) -> int:
    return _BLOCK if param1 & 0x80 else 4


def _in_whole_blocks(memory: bytearray) -> bytes:
    return bytes(memory) + bytes(-len(memory) % _BLOCK)


def _flat_address(param2: int, size: int) -> int:
    """Return the byte offset in the configuration or OTP zone: block in bits 3 to 4, word in bits 0 to 2."""
    word = param2 & 0x07 if size == 4 else 0
    return (param2 >> 3) * 32 + word * 4


def _data_address(param2: int, size: int) -> tuple[int, int]:
    """Return slot and byte offset: block in bits 8 to 11, slot in bits 3 to 6, word in bits 0 to 2."""
    if param2 & 0xF080:
        raise RefusedError(Status.PARSE_ERROR)
    word = param2 & 0x07 if size == 4 else 0
    return param2 >> 3 & 0xF, (param2 >> 8) * 32 + word * 4


def _require_readable(state: State, slot: int) -> None:
    config = state.config
    is_secret = config.slot(slot).is_secret or config.key(slot).is_private_ecc
    if not config.is_data_locked or is_secret:
        raise RefusedError(Status.EXECUTION_ERROR)


def _readable_otp(state: State) -> bytearray:
    if not state.config.is_data_locked:
        raise RefusedError(Status.EXECUTION_ERROR)
    return state.otp


def _write_config(state: State, offset: int, data: bytes) -> None:
    """Write where Write may: not the serial number and revision, not the lock bytes and UserExtra (84 to 87)."""
    if state.config.is_config_locked:
        raise RefusedError(Status.EXECUTION_ERROR)
    end = offset + len(data)
    if end > len(state.config.data):
        raise RefusedError(Status.PARSE_ERROR)
    if offset < 16 or (offset < 88 and end > 84):
        raise RefusedError(Status.EXECUTION_ERROR)
    state.config.data[offset:end] = data
    if offset <= COUNTERS < end:
        state.counters[:] = [0, 0]


def _write_otp(state: State, offset: int, data: bytes) -> None:
    if not state.config.is_config_locked or state.config.is_data_locked or len(data) != 32:
        raise RefusedError(Status.EXECUTION_ERROR)
    if offset + len(data) > len(state.otp):
        raise RefusedError(Status.PARSE_ERROR)
    state.otp[offset : offset + len(data)] = data


def _write_slot(state: State, param2: int, data: bytes) -> None:
    slot, offset = _data_address(param2, len(data))
    config = state.config
    if not config.is_config_locked or config.is_slot_locked(slot) or config.key(slot).is_private_ecc:
        raise RefusedError(Status.EXECUTION_ERROR)
    # Before the data zone is locked everything may be written, in whole blocks; afterwards the slot decides.
    if (config.is_data_locked and not config.slot(slot).is_clear_writable) or (
        not config.is_data_locked and len(data) != 32
    ):
        raise RefusedError(Status.EXECUTION_ERROR)
    memory = state.slots[slot]
    if offset >= len(memory):
        raise RefusedError(Status.PARSE_ERROR)
    # The last block of a slot is shorter than 32 bytes: what is beyond is dropped.
    kept = data[: len(memory) - offset]
    memory[offset : offset + len(kept)] = kept


def _lock_slot(state: State, slot: int) -> None:
    config = state.config
    if not config.is_config_locked or not config.is_data_locked:
        raise RefusedError(Status.EXECUTION_ERROR)
    if not config.key(slot).is_lockable or config.is_slot_locked(slot):
        raise RefusedError(Status.EXECUTION_ERROR)
    config.lock_slot(slot)


def _summarised(state: State, kind: int) -> bytes:
    """Return what the summary CRC of Lock covers: the whole zone; private slots count as the zeros they show."""
    if kind == 0:
        return bytes(state.config.data)
    return b"".join(bytes(state.slots[slot]) for slot in range(SLOT_COUNT)) + bytes(state.otp)
