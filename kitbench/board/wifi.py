"""The Wi-Fi around a kit, as a board file names it: who knows its password gets in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from kitbench.errors import UsageError

#: Bytes of a name and of a password (IEEE 802.11; 64 hex digits are the key itself).
_LONGEST_NAME: Final = 32
_PASSWORD_BYTES: Final = range(8, 65)
#: What the driver says of a name that nobody sends, and of a wrong password (`wifi_err_reason_t`).
NO_AP_FOUND: Final = 201
HANDSHAKE_TIMEOUT: Final = 15


@dataclass(frozen=True, slots=True)
class Wifi:
    """A network.

    Attributes:
        ssid: its name.
        password: "" for an open one.
    """

    ssid: str
    password: str = field(default="", repr=False)

    def refusal(self, ssid: bytes, password: bytes) -> int:
        """Return why a station does not get in, as the driver's reason; 0 for one that does."""
        if ssid != self.ssid.encode():
            return NO_AP_FOUND
        # A station that knows a password joins an open network, too, unless its threshold forbids it.
        return HANDSHAKE_TIMEOUT if self.password and password != self.password.encode() else 0


def parse_wifi(table: Mapping[str, Any]) -> Wifi:
    """Return the network that a board file's table `[wifi]` names.

    Raises:
        UsageError: it has no name, an unknown key, or a value that no network can have.
    """
    for key, value in table.items():
        if key not in {"ssid", "password"}:
            raise UsageError(f"[wifi] has an unknown key {key!r}", fix="expected ssid, password")
        if not isinstance(value, str):
            raise UsageError(f"[wifi] {key} is {value!r}, expected a text", fix="put it in quotes")
    ssid, password = table.get("ssid", ""), table.get("password", "")
    if not 0 < len(ssid.encode()) <= _LONGEST_NAME:
        raise UsageError(f"[wifi] ssid has {len(ssid.encode())} bytes, expected 1 to {_LONGEST_NAME}")
    if password and len(password.encode()) not in _PASSWORD_BYTES:
        raise UsageError(f"[wifi] password has {len(password.encode())} bytes, expected 8 to 64, or none")
    return Wifi(ssid, password)
