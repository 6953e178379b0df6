"""Which kit is on a port: chip and MAC, read through the ROM loader; the kit is restarted and not changed.

`python -m kitbench.kit.kit_identity PORT` prints it as JSON, for callers that must not wait for ever; with
`--secure-element` it also asks the firmware on the kit for the chip's serial.
"""

import contextlib
import io
import json
import sys
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import esptool
import serial
from esptool.cmds import detect_flash_size
from esptool.util import FatalError

from kitbench.errors import BenchError, KitError
from kitbench.kit.console_on_port import console_on
from kitbench.kit.serial_port import use_quick_rfc2217

#: Asks for the secure element, too.
SECURE_ELEMENT: Final = "--secure-element"
#: 3 s at 115200 baud; where one byte in ten thousand is wrong, 96 of 100 readings fail.
_PROOF_BYTES: Final = 32 << 10


@dataclass(frozen=True, slots=True)
class KitIdentity:
    """What the chip says of itself.

    Attributes:
        chip: esptool's name of it, such as ``"ESP32"``.
        mac: factory MAC, twelve lower-case hex digits with colons.
        flash_size: as esptool says it, such as ``"4MB"``; "" when it was not asked for, or is not known.
        protections: what its eFuses enforce for ever, `flash encryption` and `secure boot`; empty when not asked for.
        secure_element: the serial of its secure element, "" when it was not asked for or nobody said.
        remark: why the secure element was not found, in one line.
    """

    chip: str
    mac: str
    flash_size: str = ""
    protections: tuple[str, ...] = ()
    secure_element: str = ""
    remark: str = ""


def identify(port: str, *, expected_mac: str = "", in_full: bool = False, reads_flash: bool = False) -> KitIdentity:
    """Return the identity of the kit on a port; flash size and protections only where it is asked for in full.

    With `reads_flash` the flash's beginning is read, too, with its digest: a line that garbles does not get through.

    Raises:
        BenchError: nobody answers, or it is not the kit that belongs there.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # esptool tells its progress there
            loader = esptool.detect_chip(port)
            try:
                details = (_flash_size(loader), _protections(loader)) if in_full else ()
                mac = ":".join(f"{byte:02x}" for byte in loader.read_mac())
                identity = KitIdentity(loader.CHIP_NAME, mac, *details)
                if reads_flash:
                    esptool.attach_flash(loader)
                    loader.run_stub().read_flash(0, _PROOF_BYTES)
                loader.hard_reset()
            finally:
                loader._port.close()  # noqa: SLF001 - esptool has no public way to let go of a port
    except (FatalError, serial.SerialException, OSError) as error:
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise BenchError(
            f"no kit answers on {port}: {line}", stage="kit", fix=f"kitbench doctor --kit {port}"
        ) from error
    if expected_mac not in ("", identity.mac):
        raise BenchError(f"the kit on {port} has the MAC {identity.mac}, expected {expected_mac}", stage="kit")
    return identity


def _flash_size(loader: Any) -> str:
    esptool.attach_flash(loader)
    return str(detect_flash_size(loader) or "")


def _protections(loader: Any) -> tuple[str, ...]:
    burnt = {
        "flash encryption": loader.get_flash_encryption_enabled(),
        "secure boot": loader.get_secure_boot_enabled(),
    }
    return tuple(name for name, is_burnt in burnt.items() if is_burnt)


def with_secure_element(identity: KitIdentity, port: str) -> KitIdentity:
    """Return an identity with the serial of the kit's secure element, as far as the firmware on it tells it."""
    try:
        with console_on(port) as console:
            if console is None:
                return replace(identity, remark="its firmware has no provisioning console")
            return replace(identity, secure_element=console.info().serial.lower())
    except KitError as error:
        return replace(identity, remark=error.message)
    except (serial.SerialException, OSError) as error:
        return replace(identity, remark=(str(error).splitlines() or [type(error).__name__])[0])


def main(port: str, *options: str) -> int:
    """Print the identity as JSON, or the error as one line."""
    use_quick_rfc2217()
    try:
        identity = identify(port, in_full=True)
        if SECURE_ELEMENT in options:
            identity = with_secure_element(identity, port)
    except BenchError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    sys.stdout.write(f"{json.dumps(asdict(identity))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
