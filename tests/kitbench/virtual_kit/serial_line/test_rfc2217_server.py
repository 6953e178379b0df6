"""The port on the loopback address: one owner at a time, and what a client may do to it."""

import contextlib
import random
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from kitbench.virtual_kit.kit import KitOptions, VirtualKit
from kitbench.virtual_kit.serial_line.rfc2217 import escape
from tests.kitbench.virtual_kit.chip_rig import FakeCpu, request, words

DEADLINE_S = 60.0
SYNC = request(0x08, bytes.fromhex("07071220") + b"\x55" * 32)


@pytest.fixture(name="kit")
def _kit() -> Iterator[VirtualKit]:
    """A kit with an erased flash."""
    with VirtualKit(KitOptions(cpu=FakeCpu())) as kit:
        yield kit


class Client:
    """A raw telnet client that keeps everything it gets."""

    def __init__(self, kit: VirtualKit) -> None:
        self.socket = socket.create_connection(("127.0.0.1", kit.tcp_port), timeout=DEADLINE_S)
        self.got = b""

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def control(self, *body: int) -> None:
        """Send a COM port command and wait for its confirmation."""
        self.send(bytes([255, 250, 44]) + escape(bytes(body)) + bytes([255, 240]))
        self.until(lambda got: bytes([255, 250, 44, body[0] + 100]) in got)
        self.got = self.got.replace(bytes([255, 250, 44, body[0] + 100]), b"")

    def until(self, is_enough: Callable[[bytes], bool]) -> bytes:
        """Read until the test is satisfied."""
        deadline = time.monotonic() + DEADLINE_S
        while not is_enough(self.got):
            assert time.monotonic() < deadline, self.got
            received = self.socket.recv(65536)
            assert received, "the kit closed the connection"
            self.got += received
        return self.got

    def enter_download_mode(self) -> None:
        """Do the classic reset."""
        for value in (9, 11, 8, 12, 9):
            self.control(5, value)
        self.until(lambda got: b"waiting for download" in got)

    def is_silent(self, *, for_s: float) -> bool:
        """Say whether nothing comes for some seconds."""
        self.socket.settimeout(for_s)
        try:
            return not self.socket.recv(1)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(DEADLINE_S)

    def close(self) -> None:
        """Go."""
        self.socket.close()


@pytest.fixture(name="connect")
def _connect(kit: VirtualKit) -> Iterator[Callable[[], Client]]:
    """A factory of clients."""
    clients: list[Client] = []

    def connect() -> Client:
        clients.append(Client(kit))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


def test_client_is_greeted_with_rfc_2217(connect: Callable[[], Client]) -> None:
    assert connect().until(lambda got: bytes([255, 251, 44]) in got)


def test_download_mode_and_sync(connect: Callable[[], Client]) -> None:
    client = connect()
    client.enter_download_mode()

    client.send(SYNC)

    client.until(lambda got: got.count(b"\xc0\x01\x08\x04\x00") == 8)


def test_second_client_is_left_unanswered_until_the_first_goes(connect: Callable[[], Client]) -> None:
    """virtual-kit-serial: "A second client must be left unanswered, not closed"."""
    first = connect()
    first.until(bool)
    second = connect()
    assert second.is_silent(for_s=0.3)

    first.close()

    assert second.until(bool)


def test_waiting_client_that_gives_up_is_no_owner(connect: Callable[[], Client]) -> None:
    first, second = connect(), None
    first.until(bool)
    second = connect()
    second.close()
    first.close()

    assert connect().until(lambda got: bytes([255, 251, 44]) in got)


def test_crowd_of_clients_is_bounded(connect: Callable[[], Client]) -> None:
    first = connect()
    first.until(bool)
    crowd = [connect() for _ in range(20)]

    def is_closed(client: Client) -> bool:
        client.socket.settimeout(0.2)
        try:
            return client.socket.recv(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    deadline = time.monotonic() + DEADLINE_S
    while (closed := sum(is_closed(client) for client in crowd)) < 12:
        assert time.monotonic() < deadline, closed
    assert sum(is_closed(client) for client in crowd) == 12


def test_client_that_goes_in_mid_reset_releases_the_chip(connect: Callable[[], Client]) -> None:
    first = connect()
    first.control(5, 11)
    first.close()

    second = connect()
    second.until(lambda got: b"invalid header" in got)


def test_erased_flash_comes_over_quickly_escaped(connect: Callable[[], Client]) -> None:
    client = connect()
    client.enter_download_mode()
    client.send(SYNC)
    client.until(lambda got: got.count(b"\xc0\x01\x08") == 8)

    client.send(escape(request(0x0E, words(0, 64))))

    client.until(lambda got: b"\xff\xff" * 64 in got)


def test_purge_is_confirmed(connect: Callable[[], Client]) -> None:
    connect().control(12, 1)


def test_noise_leaves_the_kit_alive(kit: VirtualKit, connect: Callable[[], Client]) -> None:
    """Telnet commands, frames and lines at random, in every state the kit may be in; then a sane client comes."""
    source = random.Random(7)
    alphabet = bytes([255, 250, 240, 44, 5, 8, 9, 11, 12, 0xC0, 0xDB, 0, 1, 2, 3, 5, 6, 7, 0x10, 0x11, 0xD2])
    for _ in range(10):
        noisy = connect()
        noisy.until(bool)
        for _ in range(20):
            noisy.send(bytes(source.choices(alphabet, k=400)) + source.randbytes(100))
        noisy.close()

    client = connect()
    client.control(1, 0, 1, 0xC2, 0)
    client.enter_download_mode()
    client.send(b"\xc0" + SYNC)
    client.until(lambda got: got.count(b"\xc0\x01\x08\x04\x00") == 8)
    assert kit.mac


def test_kit_that_goes_off_drops_its_clients(kit: VirtualKit, connect: Callable[[], Client]) -> None:
    owner, waiting = connect(), connect()
    owner.until(bool)

    kit.stop()

    for client in (owner, waiting):
        with contextlib.suppress(ConnectionError):
            while client.socket.recv(1000):
                pass


def test_pacing_takes_the_time_of_the_rate() -> None:
    with VirtualKit(KitOptions(cpu=FakeCpu(), is_paced=True)) as kit:
        client = Client(kit)
        client.enter_download_mode()
        started = time.monotonic()
        client.send(SYNC)
        client.until(lambda got: got.count(b"\xc0\x01\x08") == 8)
        client.close()

    # 46 bytes there and 112 back at 11520 bytes a second; a lower bound holds on any machine
    assert time.monotonic() - started > 0.012
