"""The cipher suites of a TLS ClientHello. Pure. Sources: RFC 8446, 4.1.2 and 5.1; RFC 5246, 7.4.1.2."""

from typing import Final

_HANDSHAKE: Final = 0x16
_CLIENT_HELLO: Final = 1
#: Version and random before the session id.
_BEFORE_SESSION_ID: Final = 34


def cipher_suites(data: bytes) -> tuple[int, ...] | None:
    """Return the suites that a client offers, GREASE left out; None where `data` holds no whole list of them.

    Args:
        data: what the client sent first; the hello may be spread over several records.
    """
    hello = _handshake_bytes(data)
    if len(hello) < 4 or hello[0] != _CLIENT_HELLO:
        return None
    at = 4 + _BEFORE_SESSION_ID
    if len(hello) <= at:
        return None
    at += 1 + hello[at]
    size = int.from_bytes(hello[at : at + 2])
    listed = hello[at + 2 : at + 2 + size]
    if len(hello) < at + 2 or len(listed) < size:
        return None
    suites = (int.from_bytes(listed[n : n + 2]) for n in range(0, size - 1, 2))
    # GREASE (RFC 8701): 0x0a0a, 0x1a1a, … are offered by nobody in earnest.
    return tuple(suite for suite in suites if not (suite & 0x0F0F == 0x0A0A and suite >> 8 == suite & 0xFF))


def _handshake_bytes(data: bytes) -> bytes:
    """Return the content of the handshake records at the beginning."""
    content = b""
    while len(data) >= 5 and data[0] == _HANDSHAKE:
        size = int.from_bytes(data[3:5])
        content += data[5 : 5 + size]
        data = data[5 + size :]
    return content
