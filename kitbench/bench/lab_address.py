"""An address of this machine on the lab's network, by which attached kits come in: nobody is let in without it."""

import ipaddress
from dataclasses import dataclass

from kitbench.errors import UsageError

_MEND = "name one address of this machine on the kits' network, such as 192.168.1.20 or 192.168.1.20:8883"


@dataclass(frozen=True, slots=True)
class LabAddress:
    """Where the bench listens for kits that are no software; `port` 0 is any free one."""

    host: str
    port: int = 0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host


def parse_lab_address(text: str) -> LabAddress:
    """Return the address that an option or `bench.toml` names.

    Raises:
        UsageError: it is none of one network: a wildcard would open the run's cloud to everybody.
    """
    host, colon, port = text.strip().partition(":")
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError as error:
        raise UsageError(f"relay {text!r} is no IPv4 address", stage="options", fix=_MEND) from error
    if address.is_unspecified or address.is_multicast or address.is_reserved:
        raise UsageError(f"relay {text!r} is no address of one network", stage="options", fix=_MEND)
    if colon and not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise UsageError(f"relay {text!r} has no port from 1 to 65535", stage="options", fix=_MEND)
    return LabAddress(host, int(port) if colon else 0)
