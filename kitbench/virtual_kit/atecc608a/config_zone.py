"""The configuration zone: 128 bytes that say what each slot may be used for (data sheet, section 2.2)."""

from dataclasses import dataclass
from typing import Final

SIZE: Final = 128
SLOT_COUNT: Final = 16
UNLOCKED: Final = 0x55
LOCKED: Final = 0x00

I2C_ADDRESS: Final = 16
_SLOT_CONFIG: Final = 20
COUNTERS: Final = 52
USER_EXTRA: Final = 84
LOCK_VALUE: Final = 86
LOCK_CONFIG: Final = 87
SLOT_LOCKED: Final = 88
_KEY_CONFIG: Final = 96
_KEY_TYPE_P256: Final = 4


@dataclass(frozen=True, slots=True)
class SlotConfig:
    """16 bits per slot. For private keys ReadKey and WriteConfig mean what the properties say."""

    value: int

    @property
    def is_secret(self) -> bool:
        """IsSecret: no clear reads."""
        return bool(self.value & 0x0080)

    @property
    def may_sign_external(self) -> bool:
        """ReadKey bit 0: signs digests that come from outside."""
        return bool(self.value & 0x0001)

    @property
    def may_agree(self) -> bool:
        """ReadKey bit 2: ECDH is allowed."""
        return bool(self.value & 0x0004)

    @property
    def may_generate(self) -> bool:
        """WriteConfig bit 1: GenKey may replace the key."""
        return bool(self.value & 0x2000)

    @property
    def may_import(self) -> bool:
        """WriteConfig bit 2: PrivWrite may bring a key in from outside."""
        return bool(self.value & 0x4000)

    @property
    def is_clear_writable(self) -> bool:
        """WriteConfig 0000 (Always) of a data slot."""
        return not self.value & 0xF000


@dataclass(frozen=True, slots=True)
class KeyConfig:
    """16 bits per slot: what kind of key it holds."""

    value: int

    @property
    def is_private_ecc(self) -> bool:
        """Private and key type P-256."""
        return bool(self.value & 0x0001) and self.value >> 2 & 0x7 == _KEY_TYPE_P256

    @property
    def is_public_known(self) -> bool:
        """PubInfo of a private key: GenKey gives the public key out."""
        return bool(self.value & 0x0002)

    @property
    def is_lockable(self) -> bool:
        """Lockable: this slot can be locked on its own."""
        return bool(self.value & 0x0020)


class ConfigZone:
    """The zone's bytes and their meaning."""

    def __init__(self, data: bytes) -> None:
        if len(data) != SIZE:
            raise ValueError(f"configuration zone is {len(data)} bytes, expected {SIZE}")
        self.data: Final = bytearray(data)

    @property
    def serial_number(self) -> bytes:
        """Nine bytes, 01 23 … EE."""
        return bytes(self.data[0:4] + self.data[8:13])

    @property
    def revision(self) -> bytes:
        """Four bytes; 00 00 60 02 for an ATECC608A."""
        return bytes(self.data[4:8])

    @property
    def is_config_locked(self) -> bool:
        """LockConfig: the configuration is final."""
        return self.data[LOCK_CONFIG] != UNLOCKED

    @property
    def is_data_locked(self) -> bool:
        """LockValue: data and OTP zone obey the slots' configuration."""
        return self.data[LOCK_VALUE] != UNLOCKED

    def slot(self, number: int) -> SlotConfig:
        """Return SlotConfig of slot 0 to 15."""
        return SlotConfig(self._word(_SLOT_CONFIG + 2 * number))

    def key(self, number: int) -> KeyConfig:
        """Return KeyConfig of slot 0 to 15."""
        return KeyConfig(self._word(_KEY_CONFIG + 2 * number))

    def is_slot_locked(self, number: int) -> bool:
        """Return whether slot 0 to 15 was locked on its own: its bit in SlotLocked is 0."""
        return not self._word(SLOT_LOCKED) >> number & 1

    def lock_slot(self, number: int) -> None:
        """Clear the slot's bit in SlotLocked, for ever."""
        value = self._word(SLOT_LOCKED) & ~(1 << number)
        self.data[SLOT_LOCKED : SLOT_LOCKED + 2] = value.to_bytes(2, "little")

    def _word(self, offset: int) -> int:
        return int.from_bytes(self.data[offset : offset + 2], "little")
