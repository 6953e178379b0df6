"""Serial ports of kits: which are there, and the quick client for `rfc2217://` ones."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import UsageError

URL_HANDLERS: Final = "kitbench.kit.url_handlers"

#: USB vendor ids of the bridges and chips on ESP32 kits: Silicon Labs CP210x, WCH CH34x, FTDI, Espressif.
USB_VENDORS: Final = {0x10C4: "CP210x", 0x1A86: "CH34x", 0x0403: "FTDI", 0x303A: "Espressif"}


@dataclass(frozen=True, slots=True)
class AttachedPort:
    """A serial port of this machine.

    Attributes:
        device: what esptool's `--port` takes.
        bridge: the USB bridge by name, or "" for a port that no kit is likely to be on.
        location: where it is plugged in, as the system counts USB sockets, such as ``"1-1.4"``; "" where nobody says.
    """

    device: str
    bridge: str
    location: str = ""


def use_quick_rfc2217() -> None:
    """Let `serial.serial_for_url("rfc2217://…")` give the quick client in this process; the URL stays the same."""
    import serial  # noqa: PLC0415 - every pytest session comes by, and few use a port

    if URL_HANDLERS not in serial.protocol_handler_packages:
        serial.protocol_handler_packages.insert(0, URL_HANDLERS)


def canonical(port: str) -> str:
    """Return the one spelling of a port: pyserial takes a URL's scheme in any case, esptool in small letters alone."""
    scheme, mark, rest = port.partition("://")
    return scheme.lower() + mark + rest if mark else port


def attached_ports() -> list[AttachedPort]:
    """Return this machine's serial ports, those with a kit's USB bridge first."""
    from serial.tools import list_ports  # noqa: PLC0415 - as above

    ports = [
        AttachedPort(port.device, USB_VENDORS.get(port.vid or 0, ""), port.location or "")
        for port in list_ports.comports()
    ]
    return sorted(ports, key=lambda port: (not port.bridge, port.device))


def is_there(port: str) -> bool:
    """Say whether a port exists on this machine; of one behind a URL only a connection tells, so that it counts."""
    return "://" in port or Path(port).exists() or port in {one.device for one in attached_ports()}


def find_one_kit(ports: list[AttachedPort]) -> str:
    """Return the port of the one kit attached.

    Raises:
        UsageError: there is none, or more than one.
    """
    kits = [port.device for port in ports if port.bridge]
    if len(kits) == 1:
        return kits[0]
    if kits:
        raise UsageError(
            f"{len(kits)} kits are attached: {', '.join(kits)}", stage="kit", mend=f"choose one: --kit {kits[0]}"
        )
    others = ", ".join(port.device for port in ports) or "no serial port at all"
    raise UsageError(
        f"no ESP32 kit is attached (seen: {others})",
        stage="kit",
        mend="plug one in, name its port (--kit /dev/ttyUSB0), or use the virtual one: --kit virtual",
    )
