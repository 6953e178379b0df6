"""Which kit is on a port: chip and MAC, read through the ROM loader; the kit is restarted and not changed."""

import contextlib
import io
from dataclasses import dataclass

import esptool
import serial
from esptool.util import FatalError

from kitbench.errors import BenchError


@dataclass(frozen=True, slots=True)
class KitIdentity:
    """What the chip says of itself.

    Attributes:
        chip: esptool's name of it, such as ``"ESP32"``.
        mac: factory MAC, twelve lower-case hex digits with colons.
    """

    chip: str
    mac: str


def identify(port: str, *, expected_mac: str = "") -> KitIdentity:
    """Return the identity of the kit on a port.

    Raises:
        BenchError: nobody answers, or it is not the kit that belongs there.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # esptool tells its progress there
            loader = esptool.detect_chip(port)
            try:
                identity = KitIdentity(loader.CHIP_NAME, ":".join(f"{byte:02x}" for byte in loader.read_mac()))
                loader.hard_reset()
            finally:
                loader._port.close()  # noqa: SLF001 - esptool has no public way to let go of a port
    except (FatalError, serial.SerialException, OSError) as error:
        line = str(error).splitlines()[0]
        raise BenchError(
            f"no kit answers on {port}: {line}", stage="kit", mend=f"kitbench doctor --kit {port}"
        ) from error
    if expected_mac not in ("", identity.mac):
        raise BenchError(f"the kit on {port} has the MAC {identity.mac}, expected {expected_mac}", stage="kit")
    return identity
