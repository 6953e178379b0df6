"""The kit's Wi-Fi: it leads to the endpoints it was given and to nothing else."""

import contextlib
import errno
import selectors
import socket
import time
from collections.abc import Callable
from typing import Final

from kitbench.virtual_kit.hardware.cpu_interface import Way
from kitbench.virtual_kit.tls.error import MbedtlsError, TlsError

#: How often a pending TCP connection looks whether the kit was reset meanwhile, in seconds.
_SLICE_S: Final = 0.05
_IN_PROGRESS: Final = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, errno.EALREADY)


def is_reachable(host: str, port: int, *, allowed: tuple[Way, ...]) -> bool:
    """Return whether the access point leads to `host`:`port`; names are compared but for case, never resolved."""
    return _end_of_way(host, port, allowed) is not None


def _end_of_way(host: str, port: int, allowed: tuple[Way, ...]) -> tuple[str, int] | None:
    for way in allowed:
        if way[1] == port and way[0].lower() == host.lower():
            return (way[2], way[3]) if len(way) == 4 else (host, port)
    return None


def wait_until_ready(link: socket.socket, event: int, *, timeout_s: float) -> bool:
    """Wait for `selectors.EVENT_READ` or `EVENT_WRITE` on `link`; return whether it came within `timeout_s`."""
    kind = selectors.PollSelector if hasattr(selectors, "PollSelector") else selectors.SelectSelector
    with kind() as selector:
        selector.register(link, event)
        return bool(selector.select(max(timeout_s, 0)))


def connect(
    host: str, port: int, *, allowed: tuple[Way, ...], timeout_s: float, is_cancelled: Callable[[], bool]
) -> socket.socket:
    """Open a TCP connection to an endpoint in `allowed`; the socket returned does not block.

    Raises:
        TlsError: with esp-tls's code for a name that does not resolve, a refused connection or a time-out.
    """
    end = _end_of_way(host, port, allowed)
    if end is None:
        # A known name with another port: it resolves, and nobody listens there.
        is_known = any(host.lower() == way[0].lower() for way in allowed)
        code = MbedtlsError.FAILED_CONNECT_TO_HOST if is_known else MbedtlsError.CANNOT_RESOLVE_HOSTNAME
        raise TlsError(code, f"the access point does not lead to {host[:255]!r}:{port}")
    deadline = time.monotonic() + timeout_s
    failure = TlsError(MbedtlsError.CANNOT_RESOLVE_HOSTNAME, f"no address for {host!r}")
    for family, address in _addresses(*end):
        try:
            return _connect_address(family, address, deadline=deadline, is_cancelled=is_cancelled)
        except TlsError as error:
            failure = error
    raise failure


def _addresses(host: str, port: int) -> list[tuple[int, tuple[str | int, ...]]]:
    """Return (family, address) pairs, IPv4 first as lwIP prefers it; none when the name does not resolve."""
    pairs: list[tuple[int, tuple[str | int, ...]]] = []
    with contextlib.suppress(OSError, UnicodeError):
        for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            pairs.append((int(family), (str(address[0]), *address[1:])))
    return sorted(pairs, key=lambda pair: pair[0] != socket.AF_INET)


def _connect_address(
    family: int, address: tuple[str | int, ...], *, deadline: float, is_cancelled: Callable[[], bool]
) -> socket.socket:
    with contextlib.ExitStack() as undo:
        link = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
        link.setblocking(False)
        status = link.connect_ex(address)
        while status in _IN_PROGRESS:
            status = _connect_status(link, deadline=deadline, is_cancelled=is_cancelled)
        if status:
            reason = errno.errorcode.get(status, str(status))
            raise TlsError(MbedtlsError.FAILED_CONNECT_TO_HOST, f"the endpoint refused the connection ({reason})")
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        undo.pop_all()
        return link


def _connect_status(link: socket.socket, *, deadline: float, is_cancelled: Callable[[], bool]) -> int:
    """Return the errno of a pending connection, `EINPROGRESS` while it is pending."""
    remaining_s = deadline - time.monotonic()
    if remaining_s <= 0 or is_cancelled():
        raise TlsError(MbedtlsError.CONNECTION_TIMEOUT, "the endpoint did not answer in time")
    if wait_until_ready(link, selectors.EVENT_WRITE, timeout_s=min(remaining_s, _SLICE_S)):
        return link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return errno.EINPROGRESS
