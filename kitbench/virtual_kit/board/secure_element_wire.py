"""The ATECC608A as I2C sees it: an address that answers while the chip is awake, and word addresses.

ATECC608A data sheet, "I2C Interface": the chip wakes when SDA is low for 60 µs, as the address 0 at 100 kHz does it.
"""

from kitbench.virtual_kit.hardware.cpu_interface import SecureElementBus


class SecureElementWire:
    """The chip's end of the wires; implements `I2cPart`. CryptoAuthLib's calls reach the same chip beside it."""

    def __init__(self, chip: SecureElementBus) -> None:
        self._chip = chip
        self._is_awake = False
        self._reply = b""

    def called(self, address: int) -> None:
        """Note that a master called some address: by 0 the chip wakes up."""
        if address != 0:
            return
        try:
            self._reply = self._chip.wake()
            self._is_awake = True
        except OSError:
            self._is_awake = False

    def acknowledges(self, now_us: int) -> bool:
        """Say whether the chip is awake."""
        del now_us
        return self._is_awake

    def write(self, data: bytes, now_us: int) -> None:
        """Take a word address and what follows it."""
        del now_us
        try:
            match data[:1]:
                case b"\x01":
                    self._is_awake = False
                    self._chip.sleep()
                case b"\x02":
                    self._is_awake = False
                    self._chip.idle()
                case b"\x03":
                    self._chip.send(data[1:])
                    self._reply = self._chip.receive()
                case _:
                    pass  # 0 goes back to the reply's beginning
        except OSError:
            self._is_awake, self._reply = False, b""

    def reply(self, now_us: int) -> bytes:
        """Return the reply to the last command, or that the chip has woken up."""
        del now_us
        return self._reply
