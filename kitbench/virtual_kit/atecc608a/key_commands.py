"""GenKey, Sign, Verify, ECDH: commands that use P-256 keys (data sheet, 11.6, 11.7, 11.18, 11.19)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)

from kitbench.virtual_kit.atecc608a.config_zone import SLOT_COUNT
from kitbench.virtual_kit.atecc608a.packet import Command, RefusedError, Status
from kitbench.virtual_kit.atecc608a.state import State, decode_public, encode_public

_ALGORITHM = ec.ECDSA(Prehashed(hashes.SHA256()))
_P256 = 4


def genkey(state: State, command: Command) -> bytes:
    """Return the public key of a slot, after making a new private key where the mode says so."""
    slot = command.param2
    if command.param1 not in {0x00, 0x04} or command.data or slot >= SLOT_COUNT:
        raise RefusedError(Status.PARSE_ERROR)
    if command.param1 == 0x04:
        _require_generation(state, slot)
        state.keys[slot] = ec.generate_private_key(ec.SECP256R1())
        return encode_public(state.keys[slot].public_key())
    key = state.private_key(slot)
    if not state.config.key(slot).is_public_known:
        raise RefusedError(Status.EXECUTION_ERROR)
    return encode_public(key.public_key())


def sign(state: State, command: Command) -> bytes:
    """Return r and s over the digest in TempKey or in the message digest buffer (external mode)."""
    slot = command.param2
    if command.data or command.param1 & 0x1E or slot >= SLOT_COUNT:
        raise RefusedError(Status.PARSE_ERROR)
    # Internal mode signs what GenDig and GenKey left in TempKey; neither is modelled.
    if not command.param1 & 0x80 or command.param1 & 0x40 or not state.config.is_data_locked:
        raise RefusedError(Status.EXECUTION_ERROR)
    key = state.private_key(slot)
    digest = _message(state, from_buffer=bool(command.param1 & 0x20))
    if not state.config.slot(slot).may_sign_external:
        raise RefusedError(Status.EXECUTION_ERROR)
    r, s = decode_dss_signature(key.sign(digest, _ALGORITHM))
    return r.to_bytes(32) + s.to_bytes(32)


def verify(state: State, command: Command) -> bytes:
    """Compare a signature with a public key from outside, over the digest in TempKey or the message digest buffer."""
    if command.param1 & 0xDF != 0x02:
        raise RefusedError(Status.PARSE_ERROR if command.param1 & 0x07 > 3 else Status.EXECUTION_ERROR)
    if len(command.data) != 128 or command.param2 != _P256:
        raise RefusedError(Status.PARSE_ERROR)
    digest = _message(state, from_buffer=bool(command.param1 & 0x20))
    r, s = int.from_bytes(command.data[:32]), int.from_bytes(command.data[32:64])
    try:
        decode_public(command.data[64:]).verify(encode_dss_signature(r, s), digest, _ALGORITHM)
    except InvalidSignature:
        return bytes((Status.MISCOMPARE,))
    return bytes((Status.SUCCESS,))


def ecdh(state: State, command: Command) -> bytes:
    """Return the shared secret in the clear where the slot allows it; encrypted and stored forms are not modelled."""
    slot = command.param2
    if command.param1 not in {0x00, 0x0C} or len(command.data) != 64 or slot >= SLOT_COUNT:
        raise RefusedError(Status.PARSE_ERROR)
    if not state.config.is_data_locked or not state.config.slot(slot).may_agree:
        raise RefusedError(Status.EXECUTION_ERROR)
    return state.private_key(slot).exchange(ec.ECDH(), decode_public(command.data))


def _require_generation(state: State, slot: int) -> None:
    config = state.config
    if not config.is_config_locked or not config.key(slot).is_private_ecc or config.is_slot_locked(slot):
        raise RefusedError(Status.EXECUTION_ERROR)
    if config.is_data_locked and not config.slot(slot).may_generate:
        raise RefusedError(Status.EXECUTION_ERROR)


def _message(state: State, *, from_buffer: bool) -> bytes:
    message = state.sram.message if from_buffer else state.sram.temp_key
    if message is None or len(message) < 32:
        raise RefusedError(Status.EXECUTION_ERROR)
    return message[:32]
