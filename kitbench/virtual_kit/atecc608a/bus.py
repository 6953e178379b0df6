"""The I2C bus with the chip on it: wake, idle, sleep, the watchdog, and what can go wrong with wires."""

import threading
from enum import Enum
from typing import Final

from kitbench.virtual_kit.atecc608a.chip import DURATION_MS, Chip
from kitbench.virtual_kit.atecc608a.config_zone import I2C_ADDRESS
from kitbench.virtual_kit.atecc608a.packet import Status, reply

#: The chip goes to sleep this long after a wake (data sheet, tWATCHDOG, shortest).
WATCHDOG_MS: Final = 1300
_UNKNOWN_MS: Final = 5


class Fault(Enum):
    """What is wrong with the chip or its wires."""

    ABSENT = "nothing acknowledges"
    BUSY = "the chip answers no poll in time"
    CRC_ERROR = "a bit flips in every reply"
    WATCHDOG = "the chip falls asleep before it replies"


class ChipBus:
    """Implements `SecureElementBus`. The watchdog counts the commands' typical durations, not the host's pauses.

    Attributes:
        chip: the chip on the bus; None: none is fitted.
        fault: what is wrong at the moment; tests and the command line set it.
    """

    def __init__(self, chip: Chip | None, *, fault: Fault | None = None) -> None:
        self.chip = chip
        self.fault = fault
        self._lock = threading.RLock()
        self._is_awake = False
        self._awake_ms = 0
        self._reply: bytes | None = None

    @property
    def address(self) -> int | None:
        """The 8-bit I2C address (0xC0, 0x6A, 0x6C), None where nothing is fitted."""
        return None if self.chip is None else self.chip.state.config.data[I2C_ADDRESS]

    def wake(self) -> bytes:
        """Wake the chip; return its 4-byte wake response (04 11 33 43).

        Raises:
            OSError: nothing acknowledges.
        """
        with self._lock:
            self._fitted()
            if not self._is_awake:
                self._is_awake, self._awake_ms, self._reply = True, 0, None
            return self._damaged(reply(bytes((Status.AFTER_WAKE,))))

    def send(self, packet: bytes) -> None:
        """Execute a command packet; its reply can be received afterwards.

        Raises:
            OSError: nothing acknowledges: no chip, or it sleeps.
        """
        with self._lock:
            chip = self._fitted()
            self._require_awake()
            self._awake_ms += DURATION_MS.get(packet[1], _UNKNOWN_MS) if len(packet) > 1 else _UNKNOWN_MS
            self._reply = chip.execute(bytes(packet))
            if self._awake_ms > WATCHDOG_MS or self.fault is Fault.WATCHDOG:
                self._fall_asleep(chip)

    def receive(self) -> bytes:
        """Return the chip's reply.

        Raises:
            OSError: nothing acknowledges: no chip, it sleeps, is busy, or has nothing to say.
        """
        with self._lock:
            self._fitted()
            self._require_awake()
            if self.fault is Fault.BUSY or self._reply is None:
                raise OSError("the secure element does not acknowledge: busy")
            return self._damaged(self._reply)

    def idle(self) -> None:
        """Stop the watchdog and keep TempKey."""
        with self._lock:
            self._fitted()
            self._is_awake, self._reply = False, None

    def sleep(self) -> None:
        """Stop the watchdog and forget TempKey."""
        with self._lock:
            self._fall_asleep(self._fitted())

    def _fall_asleep(self, chip: Chip) -> None:
        self._is_awake, self._reply = False, None
        chip.forget()

    def _fitted(self) -> Chip:
        if self.chip is None or self.fault is Fault.ABSENT:
            raise OSError("nothing acknowledges on the I2C bus")
        return self.chip

    def _require_awake(self) -> None:
        if not self._is_awake:
            raise OSError("the secure element does not acknowledge: asleep")

    def _damaged(self, packet: bytes) -> bytes:
        """Return `packet`, with a flipped bit where the wires are bad."""
        if self.fault is not Fault.CRC_ERROR:
            return packet
        return bytes((packet[0], packet[1] ^ 0x20)) + packet[2:]
