"""Serial ports of kits: which are there, and the quick client for `rfc2217://` ones."""

import contextlib
import importlib
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from kitbench.errors import UsageError

URL_HANDLERS: Final = "kitbench.kit.url_handlers"

#: Schemes whose URL names a server.
_OF_A_HOST: Final = frozenset({"rfc2217", "socket"})
_SHOWN: Final = 80
_CONNECTS_WITHIN_S: Final = 3.0
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
    """Return the one spelling of a port: pyserial takes a URL's scheme in any case, esptool in small letters alone.

    Raises:
        UsageError: it is a URL that pyserial could not open: of no scheme that it knows, or without host and port.
    """
    scheme, mark, rest = port.partition("://")
    if not mark:
        return port
    scheme = scheme.lower()
    if not _is_known(scheme):
        raise _no_port(port, f"pyserial knows no {scheme[:20]}://")
    if scheme in _OF_A_HOST and not _has_host_and_port(f"{scheme}://{rest}"):
        raise _no_port(port, "host or TCP port is missing or wrong")
    return scheme + mark + rest


def _is_known(scheme: str) -> bool:
    """Say whether pyserial can load what handles a scheme."""
    import serial  # noqa: PLC0415 - as above

    if not scheme.isidentifier():
        return False
    for package in serial.protocol_handler_packages:
        with contextlib.suppress(ImportError):
            importlib.import_module(f"{package}.protocol_{scheme}")
            return True
    return False


def _has_host_and_port(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and bool(parts.port)
    except ValueError:
        return False


def _no_port(port: str, why: str) -> UsageError:
    fix = "a port such as /dev/ttyUSB0, or rfc2217://HOST:PORT"
    return UsageError(f"{port[:_SHOWN]!r} is no serial port: {why}", stage="kit", fix=fix)


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


def is_reachable(port: str) -> bool:
    """Say whether a port is there now; of one behind a URL that names a host, whether anybody listens there."""
    parts = urlsplit(port)
    if parts.scheme not in _OF_A_HOST:
        return is_there(port)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=_CONNECTS_WITHIN_S).close()
    except OSError:
        return False
    return True


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
            f"{len(kits)} kits are attached: {', '.join(kits)}", stage="kit", fix=f"choose one: --kit {kits[0]}"
        )
    others = ", ".join(port.device for port in ports) or "no serial port at all"
    raise UsageError(
        f"no ESP32 kit is attached (seen: {others})",
        stage="kit",
        fix="plug one in, name its port (--kit /dev/ttyUSB0), or use the virtual one: --kit virtual",
    )
