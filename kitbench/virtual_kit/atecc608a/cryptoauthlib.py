"""The `atcab_*` calls of CryptoAuthLib on a bus: what the firmware's library does, done in the host on its behalf.

Each returns (status, bytes): CryptoAuthLib's status, 0 for success, and what the call would write through its pointers.
Written from the open headers' interface; nothing of Microchip's code is in here.
"""

import threading
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from kitbench.virtual_kit.atecc608a import config_zone
from kitbench.virtual_kit.atecc608a.packet import Command, Opcode, Status, reply_content
from kitbench.virtual_kit.hardware.cpu_interface import SecureElementBus

#: What a call returns: status and bytes.
Answer = tuple[int, bytes]

_WAKE_RETRIES: Final = 2


class AtcaStatus(IntEnum):
    """`ATCA_STATUS`; firmware that prints a byte shows the low eight bits, such as 0xF4 for EXECUTION_ERROR."""

    SUCCESS = 0
    WAKE_FAILED = -48
    CHECKMAC_VERIFY_FAILED = -47
    PARSE_ERROR = -46
    STATUS_CRC = -44
    STATUS_ECC = -42
    GEN_FAIL = -31
    BAD_PARAM = -30
    RX_CRC_ERROR = -27
    COMM_FAIL = -16
    EXECUTION_ERROR = -12
    NOT_INITIALIZED = -3


_BY_CHIP_STATUS: Final = {
    Status.SUCCESS: AtcaStatus.SUCCESS,
    Status.MISCOMPARE: AtcaStatus.CHECKMAC_VERIFY_FAILED,
    Status.PARSE_ERROR: AtcaStatus.PARSE_ERROR,
    Status.ECC_FAULT: AtcaStatus.STATUS_ECC,
    Status.EXECUTION_ERROR: AtcaStatus.EXECUTION_ERROR,
    Status.CRC_ERROR: AtcaStatus.STATUS_CRC,
}

ZONE_CONFIG, ZONE_OTP, ZONE_DATA = 0, 1, 2
_DIGEST_SIZE: Final = 32
_SIGNATURE_SIZE: Final = 64


class CryptoAuthLib:
    """One device. Calls from several threads take turns; each wakes the chip and leaves it idle."""

    def __init__(self, bus: SecureElementBus) -> None:
        self._bus = bus
        self._lock = threading.RLock()
        self._is_initialised = False

    def atcab_init(self) -> Answer:
        """Get ready; the bus stays silent, as with the library: whether a chip is there shows at the first command."""
        self._is_initialised = True
        return AtcaStatus.SUCCESS, b""

    def atcab_release(self) -> Answer:
        """Release the device, as `atcab_release` does."""
        self._is_initialised = False
        return AtcaStatus.SUCCESS, b""

    def atcab_wakeup(self) -> Answer:
        """Wake the chip and return its status, as `atcab_wakeup` does."""
        try:
            response = self._bus.wake()
        except OSError:
            return AtcaStatus.WAKE_FAILED, b""
        return (AtcaStatus.SUCCESS if response == b"\x04\x11\x33\x43" else AtcaStatus.WAKE_FAILED), b""

    def atcab_idle(self) -> Answer:
        """Put the chip to idle; TempKey stays."""
        return self._without_reply(self._bus.idle)

    def atcab_sleep(self) -> Answer:
        """Put the chip to sleep; TempKey is gone."""
        return self._without_reply(self._bus.sleep)

    def atcab_info(self) -> Answer:
        """Return the revision, 4 bytes."""
        return self._execute(Command(Opcode.INFO, 0, 0))

    def atcab_read_serial_number(self) -> Answer:
        """Return the serial number, 9 bytes."""
        status, block = self.atcab_read_zone(ZONE_CONFIG, 0, 0, 0, 32)
        # Between its two parts stands the revision: ATECC608A datasheet, "Configuration Zone".
        return status, block[0:4] + block[8:13]

    def atcab_read_config_zone(self) -> Answer:
        """Return the configuration zone, 128 bytes."""
        zone = b""
        for block in range(4):
            status, content = self.atcab_read_zone(ZONE_CONFIG, 0, block, 0, 32)
            if status:
                return status, b""
            zone += content
        return AtcaStatus.SUCCESS, zone

    def atcab_is_locked(self, zone: int) -> Answer:
        """Return one byte: whether the configuration (0) or data (1) zone is locked."""
        if zone not in {0, 1}:
            return AtcaStatus.BAD_PARAM, b""
        status, word = self.atcab_read_zone(ZONE_CONFIG, 0, 2, 5, 4)
        offset = config_zone.LOCK_CONFIG if zone == 0 else config_zone.LOCK_VALUE
        # The fifth word of the third block begins at byte 84.
        return status, b"" if status else bytes((word[offset - 84] != config_zone.UNLOCKED,))

    def atcab_is_slot_locked(self, slot: int) -> Answer:
        """Return one byte: whether the slot was locked on its own."""
        if not 0 <= slot < config_zone.SLOT_COUNT:
            return AtcaStatus.BAD_PARAM, b""
        # SlotLocked, byte 88: a bit for each slot, cleared when it is locked.
        status, word = self.atcab_read_zone(ZONE_CONFIG, 0, 2, 6, 4)
        return status, b"" if status else bytes((not int.from_bytes(word[:2], "little") >> slot & 1,))

    def atcab_is_private(self, slot: int) -> Answer:
        """Return one byte: whether the slot is configured for a private key."""
        if not 0 <= slot < config_zone.SLOT_COUNT:
            return AtcaStatus.BAD_PARAM, b""
        status, zone = self.atcab_read_config_zone()
        return status, b"" if status else bytes((zone[96 + 2 * slot] & 1,))

    def atcab_get_pubkey(self, slot: int) -> Answer:
        """Return X and Y of the slot's public key, 64 bytes."""
        return self._execute(Command(Opcode.GENKEY, 0x00, slot & 0xFFFF))

    def atcab_genkey(self, slot: int) -> Answer:
        """Replace the slot's private key by a new one and return its public key, 64 bytes."""
        return self._execute(Command(Opcode.GENKEY, 0x04, slot & 0xFFFF))

    def atcab_sign(self, slot: int, digest: bytes) -> Answer:
        """Return r and s over a SHA-256 digest, 64 bytes."""
        if len(digest) != _DIGEST_SIZE:
            return AtcaStatus.BAD_PARAM, b""
        with self._lock:
            # As the library does, to give the chip's generator a new seed.
            status, _ = self.atcab_random()
            # 0x43 passes the digest through to the message digest buffer, 0xA0 signs what is there as it is.
            if not status:
                status, _ = self._execute(Command(Opcode.NONCE, 0x43, 0, digest))
            return (status, b"") if status else self._execute(Command(Opcode.SIGN, 0xA0, slot & 0xFFFF))

    def atcab_verify_extern(self, digest: bytes, signature: bytes, public_key: bytes) -> Answer:
        """Return one byte: whether the signature is the public key's over the digest."""
        if len(digest) != _DIGEST_SIZE or len(signature) != _SIGNATURE_SIZE or len(public_key) != 64:
            return AtcaStatus.BAD_PARAM, b""
        with self._lock:
            status, _ = self._execute(Command(Opcode.NONCE, 0x43, 0, digest))
            # 0x22: with a key from outside, over the message digest buffer; 4 is the curve P-256.
            if not status:
                status, _ = self._execute(Command(Opcode.VERIFY, 0x22, 4, signature + public_key))
        if status == AtcaStatus.CHECKMAC_VERIFY_FAILED:
            return AtcaStatus.SUCCESS, b"\0"
        return status, b"" if status else b"\1"

    def atcab_read_zone(self, zone: int, slot: int, block: int, offset: int, length: int) -> Answer:
        """Return 4 or 32 bytes; `offset` counts words of 4 bytes within the block."""
        if length not in {4, 32} or not 0 <= zone <= ZONE_DATA:
            return AtcaStatus.BAD_PARAM, b""
        # ATECC608A datasheet, "Address Encoding": the data zone counts slots before blocks.
        address = (block << 3 | offset & 7) if zone != ZONE_DATA else (block << 8 | slot << 3 | offset & 7)
        return self._execute(Command(Opcode.READ, zone | (0x80 if length == 32 else 0), address & 0xFFFF))

    def atcab_random(self) -> Answer:
        """Return 32 random bytes."""
        return self._execute(Command(Opcode.RANDOM, 0, 0))

    def atcab_nonce(self, number: bytes) -> Answer:
        """Put 32 bytes into TempKey."""
        if len(number) != _DIGEST_SIZE:
            return AtcaStatus.BAD_PARAM, b""
        return self._status_only(Command(Opcode.NONCE, 0x03, 0, number))

    def atcab_counter_read(self, counter: int) -> Answer:
        """Return a monotonic counter, 4 bytes, the lowest first."""
        return self._execute(Command(Opcode.COUNTER, 0, counter & 0xFFFF))

    def atcab_counter_increment(self, counter: int) -> Answer:
        """Count up by one and return the monotonic counter, 4 bytes, the lowest first."""
        return self._execute(Command(Opcode.COUNTER, 1, counter & 0xFFFF))

    def atcab_sha(self, message: bytes) -> Answer:
        """Return the SHA-256 digest that the chip computes of `message`."""
        with self._lock:
            # Mode 0 begins, 1 takes a whole block, 2 takes the rest and ends.
            status, _ = self._execute(Command(Opcode.SHA, 0, 0))
            whole = len(message) // 64 * 64
            for start in range(0, whole, 64):
                if status:
                    return status, b""
                status, _ = self._execute(Command(Opcode.SHA, 1, 64, message[start : start + 64]))
            rest = message[whole:]
            return (status, b"") if status else self._execute(Command(Opcode.SHA, 2, len(rest), rest))

    def _status_only(self, command: Command) -> Answer:
        return self._execute(command)[0], b""

    def _without_reply(self, action: Callable[[], None]) -> Answer:
        try:
            action()
        except OSError:
            return AtcaStatus.COMM_FAIL, b""
        return AtcaStatus.SUCCESS, b""

    def _execute(self, command: Command) -> Answer:
        """Wake the chip, run one command, leave it idle."""
        with self._lock:
            if not self._is_initialised:
                return AtcaStatus.NOT_INITIALIZED, b""
            try:
                self._wake()
                self._bus.send(command.to_bytes())
                packet = self._bus.receive()
                # Idle, not asleep: TempKey has to last until the next command.
                self._bus.idle()
            except OSError:
                return AtcaStatus.COMM_FAIL, b""
        return _told_by_cryptoauthlib(packet)

    def _wake(self) -> None:
        for _ in range(_WAKE_RETRIES):
            if self._bus.wake() == b"\x04\x11\x33\x43":
                return


def _told_by_cryptoauthlib(packet: bytes) -> Answer:
    """Return what a reply packet means: one byte is a status, more are data."""
    try:
        content = reply_content(packet)
    except ValueError:
        return AtcaStatus.RX_CRC_ERROR, b""
    if len(content) > 1:
        return AtcaStatus.SUCCESS, content
    known = {int(status): told for status, told in _BY_CHIP_STATUS.items()}
    return known.get(content[0], AtcaStatus.GEN_FAIL), b""
