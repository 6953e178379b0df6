"""TLS connections. The app's certificates and key go from its memory to the host's TLS and nowhere else."""

import itertools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from kitbench.virtual_kit.atecc608a.bus import ChipBus
from kitbench.virtual_kit.cpu.machine import Machine
from kitbench.virtual_kit.cpu.rate_limit import RateLimit
from kitbench.virtual_kit.cpu.wasm_calls import HostCall
from kitbench.virtual_kit.tls import TlsClient, TlsConnection, TlsError
from kitbench.virtual_kit.tls.credentials import as_mbedtls_takes

#: mbedTLS's words for "try again"; ESP_TLS_ERR_SSL_WANT_READ and _WRITE.
_WANT_READ: Final = -0x6900
_WANT_WRITE: Final = -0x6880
_CONNECTION_RESET: Final = -0x0050
_LARGEST_PIECE: Final = 16384
_LARGEST_PEM: Final = 65536
#: A publish is a write or two: so many a second are more than any assignment needs and fewer than hurt a cloud.
_WRITES_PER_SECOND: Final = 100.0
_WRITE_BURST: Final = 400.0
_OPENS_PER_SECOND: Final = 2.0
_OPEN_BURST: Final = 20.0
_SLICE_S: Final = 0.05
#: Names under which only somebody's own endpoint answers: not to find it is no gap, on no kit.
_OWN_ENDPOINTS: Final = re.compile(r"(?i)\.iot\.|\.amazonaws\.com|\.(local|lan|home|internal|invalid|example)$")
_PUBLIC_NAME: Final = re.compile(r"(?i)(?=.{4,253}$)([a-z0-9-]{1,63}\.)+[a-z]{2,63}")


@dataclass(frozen=True, slots=True)
class _Request:
    """`struct kit_tls_request` of `include/kit/host.h`: words in the order of its fields."""

    host: int
    port: int
    ca: int
    ca_size: int
    certificate: int
    certificate_size: int
    key: int
    key_size: int
    server_name: int
    alpn: int
    timeout_ms: int
    flags: int
    now: int

    FIELDS = 13
    SECURE_ELEMENT = 1
    PLAIN = 2
    SKIP_NAME = 4
    CHECK_DATES = 8
    ANY_SERVER = 16


def host_calls(machine: Machine) -> dict[str, HostCall]:
    """Return this group's calls."""
    calls = _TlsCalls(machine)
    return {
        "kit_tls_open": HostCall("ii", "i", calls.open),
        "kit_resolves": HostCall("i", "i", calls.resolves),
        "kit_tls_read": HostCall("iiii", "i", calls.read),
        "kit_tls_write": HostCall("iii", "i", calls.write),
        "kit_tls_wait": HostCall("ii", "i", calls.wait),
        "kit_tls_pending": HostCall("i", "i", calls.pending),
        "kit_tls_close": HostCall("i", "", calls.close),
    }


class _TlsCalls:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._client = TlsClient(machine.peripherals.log)
        self._connections: dict[int, TlsConnection] = {}
        self._numbers = itertools.count(1)
        self._writes = RateLimit(_WRITES_PER_SECOND, _WRITE_BURST)
        self._opens = RateLimit(_OPENS_PER_SECOND, _OPEN_BURST)
        machine.on_stop.append(self._client.close)

    def open(self, address: int, failure: int) -> int:
        """Return the connection's number, or 0 with mbedTLS's code and flags in the two words at `failure`."""
        memory = self._machine.memory
        request = _Request(*memory.read_words(address, _Request.FIELDS))
        host = memory.read_text(request.host, 255)
        self._tell_of_internet(host)
        connect = self._plain(request, host) if request.flags & _Request.PLAIN else self._secured(request, host)
        try:
            # A connection may take seconds; the other tasks run on meanwhile.
            with self._machine.scheduler.outside(self._machine.task):
                self._hold_back(self._opens)
                connection = connect()
        except TlsError as error:
            memory.write_word(failure, error.code)
            memory.write_word(failure + 4, int(error.verify_flags))
            memory.write_word(failure + 8, error.stack_code)
            return 0
        number = next(self._numbers)
        self._connections[number] = connection
        return number

    def resolves(self, address: int) -> int:
        """Return whether the access point leads to a host of this name."""
        name = self._machine.memory.read_text(address, 255)
        self._tell_of_internet(name)
        return int(self._is_known(name))

    def _is_known(self, name: str) -> bool:
        return any(way[0].lower() == name.lower() for way in self._machine.peripherals.access_point)

    def _tell_of_internet(self, name: str) -> None:
        """Note that a name of the Internet was asked for, which a real kit reaches and this one does not."""
        access_point = self._machine.peripherals.access_point
        if access_point and _is_public(name) and not self._is_known(name):
            self._machine.peripherals.lacks(f"the Internet ({name})")

    def _plain(self, request: _Request, host: str) -> Callable[[], TlsConnection]:
        allowed, timeout_s = self._machine.peripherals.access_point, request.timeout_ms / 1000
        return lambda: self._client.open_tcp(host, request.port, allowed=allowed, timeout_s=timeout_s)

    def _secured(self, request: _Request, host: str) -> Callable[[], TlsConnection]:
        memory, peripherals = self._machine.memory, self._machine.peripherals
        has_chip = bool(request.flags & _Request.SECURE_ELEMENT)
        ca = self._pem(request.ca, request.ca_size)
        certificate = self._pem(request.certificate, request.certificate_size)
        key = self._pem(request.key, request.key_size)
        alpn = tuple(filter(None, memory.read_text(request.alpn).split(",")))
        server_name = memory.read_text(request.server_name) or None
        bus = (self._machine.reach_secure_element() or ChipBus(None)) if has_chip else None
        return lambda: self._client.open_tls(
            host,
            request.port,
            allowed=peripherals.access_point,
            ca_pem=ca,
            certificate_pem=certificate,
            private_key_pem=None if has_chip else key,
            secure_element=bus,
            alpn=alpn,
            timeout_s=request.timeout_ms / 1000,
            server_name=server_name,
            check_name=not request.flags & _Request.SKIP_NAME,
            takes_any_server=bool(request.flags & _Request.ANY_SERVER),
            clock=datetime.fromtimestamp(request.now, UTC) if request.flags & _Request.CHECK_DATES else None,
            stand_in_root=peripherals.stand_in_root,
        )

    def _pem(self, address: int, size: int) -> bytes | None:
        if not address or not size:
            return None
        return as_mbedtls_takes(self._machine.memory.read(address, min(size, _LARGEST_PEM)))

    def read(self, number: int, address: int, size: int, timeout_ms: int) -> int:
        connection = self._connections.get(number)
        if connection is None:
            return _CONNECTION_RESET
        try:
            with self._machine.scheduler.outside(self._machine.task):
                data = connection.read(max(1, min(size, _LARGEST_PIECE)), max(timeout_ms, 0) / 1000)
        except TimeoutError:
            return _WANT_READ
        except TlsError as error:
            return error.code
        # Only now, with the CPU back: another task may have freed or moved what lay there, as on the device.
        self._machine.memory.write(address, data)
        return len(data)

    def write(self, number: int, address: int, size: int) -> int:
        connection = self._connections.get(number)
        if connection is None:
            return _CONNECTION_RESET
        data = self._machine.memory.read(address, max(0, min(size, _LARGEST_PIECE)))
        try:
            with self._machine.scheduler.outside(self._machine.task):
                self._hold_back(self._writes)
                return connection.write(data)
        except TimeoutError:
            return _WANT_WRITE
        except TlsError as error:
            return error.code

    def _hold_back(self, limit: RateLimit) -> None:
        end = time.monotonic() + limit.delay_for(1)
        # In slices, so that a reset need not wait for a flood's penance.
        while not self._machine.scheduler.stopped and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE_S))

    def wait(self, number: int, timeout_ms: int) -> int:
        connection = self._connections.get(number)
        if connection is None:
            return 1
        with self._machine.scheduler.outside(self._machine.task):
            return int(connection.wait_readable(max(timeout_ms, 0) / 1000))

    def pending(self, number: int) -> int:
        connection = self._connections.get(number)
        return 0 if connection is None else connection.pending()

    def close(self, number: int) -> None:
        if (connection := self._connections.pop(number, None)) is not None:
            connection.close()


def _is_public(name: str) -> bool:
    """Whether a name is one that everybody may ask for, and not somebody's own endpoint."""
    return _PUBLIC_NAME.fullmatch(name) is not None and _OWN_ENDPOINTS.search(name) is None
