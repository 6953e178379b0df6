"""What the chip remembers: EEPROM that lasts, and SRAM that sleep wipes."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kitbench.virtual_kit.atecc608a.config_zone import SLOT_COUNT, ConfigZone
from kitbench.virtual_kit.atecc608a.packet import RefusedError, Status

OTP_SIZE: Final = 64


def slot_size(number: int) -> int:
    """Return the bytes of data slot 0 to 15 (data sheet, table "Data zone")."""
    if number < 8:
        return 36
    return 416 if number == 8 else 72


@dataclass(slots=True)
class Sram:
    """Volatile memory.

    Attributes:
        temp_key: TempKey, 32 or 64 bytes; None: not valid.
        temp_key_is_random: TempKey.SourceFlag says that the chip's own random number went in.
        message: the message digest buffer; None: not valid.
        sha: a SHA command sequence under way.
    """

    temp_key: bytes | None = None
    temp_key_is_random: bool = False
    message: bytes | None = None
    sha: "hashlib._Hash | None" = None


@dataclass(slots=True)
class State:
    """The whole chip. Private keys are kept apart from the slots' bytes: no read can reach them by accident.

    Attributes:
        config: the configuration zone.
        otp: 64 one-time programmable bytes.
        slots: what was written to each slot.
        keys: private keys by slot.
        counters: the two monotonic counters.
        sram: volatile memory.
        random: returns that many random bytes.
    """

    config: ConfigZone
    otp: bytearray = field(default_factory=lambda: bytearray(b"\xff" * OTP_SIZE))
    slots: list[bytearray] = field(
        default_factory=lambda: [bytearray(b"\0" * slot_size(number)) for number in range(SLOT_COUNT)]
    )
    keys: dict[int, ec.EllipticCurvePrivateKey] = field(default_factory=dict, repr=False)
    counters: list[int] = field(default_factory=lambda: [0, 0])
    sram: Sram = field(default_factory=Sram)
    random: Callable[[int], bytes] = os.urandom

    def private_key(self, slot: int) -> ec.EllipticCurvePrivateKey:
        """Return the key in `slot`.

        Raises:
            RefusedError: the slot is none for private keys, or empty.
        """
        if slot >= SLOT_COUNT or not self.config.key(slot).is_private_ecc:
            raise RefusedError(Status.EXECUTION_ERROR)
        try:
            return self.keys[slot]
        except KeyError:
            raise RefusedError(Status.EXECUTION_ERROR) from None


def encode_public(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return X and Y, 32 bytes each, as the chip gives a public key out."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]


def decode_public(point: bytes) -> ec.EllipticCurvePublicKey:
    """Return the public key with these coordinates.

    Raises:
        RefusedError: EXECUTION_ERROR where they are no point of P-256; ECC_FAULT is for computations that go wrong.
    """
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + point)
    except ValueError:
        raise RefusedError(Status.EXECUTION_ERROR) from None
