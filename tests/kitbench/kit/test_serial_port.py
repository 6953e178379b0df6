"""Which port holds the kit, and the quick RFC 2217 client against pyserial's own server."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import serial
from serial import rfc2217

from kitbench.errors import UsageError
from kitbench.kit import serial_port
from kitbench.kit.serial_port import AttachedPort, canonical, find_one_kit, is_there, use_quick_rfc2217
from kitbench.kit.url_handlers.protocol_rfc2217 import TelnetSplitter


def test_the_one_kit_is_found_among_other_ports() -> None:
    ports = [AttachedPort("/dev/ttyUSB0", "CP210x"), AttachedPort("/dev/ttyS0", "")]

    assert find_one_kit(ports) == "/dev/ttyUSB0"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("foo://x", "pyserial knows no foo://"),
        ("../serial://x", "pyserial knows no ../serial://"),
        ("://x", "pyserial knows no ://"),
        ("rfc2217://bench", "host or TCP port"),
        ("rfc2217://:4000", "host or TCP port"),
        ("socket://bench:99999", "host or TCP port"),
        ("rfc2217://bench:port", "host or TCP port"),
        ("rfc2217://[bench:4000", "host or TCP port"),
    ],
)
def test_url_that_cannot_be_opened_is_a_mistake_in_one_line(url: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        canonical(url)


@pytest.mark.parametrize("url", ["loop://", "socket://bench:4000/logging=debug", "spy:///dev/ttyUSB0"])
def test_what_pyserial_can_open_is_left_to_it(url: str) -> None:
    assert canonical(url) == url


def test_no_kit_names_what_was_seen_and_what_to_type() -> None:
    with pytest.raises(UsageError, match=r"seen: /dev/ttyS0.*--kit virtual"):
        find_one_kit([AttachedPort("/dev/ttyS0", "")])


def test_two_kits_ask_for_a_choice() -> None:
    with pytest.raises(UsageError, match="2 kits are attached"):
        find_one_kit([AttachedPort("A", "CP210x"), AttachedPort("B", "FTDI")])


def test_port_is_there_by_its_file_by_the_systems_list_or_behind_a_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serial_port, "attached_ports", lambda: [AttachedPort("COM3", "CP210x")])
    (tmp_path / "ttyUSB0").touch()

    ports = [str(tmp_path / "ttyUSB0"), "COM3", "rfc2217://127.0.0.1:9", str(tmp_path / "ttyUSB1"), "COM4"]

    assert [is_there(port) for port in ports] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("port", "spelling"),
    [
        ("RFC2217://Bench:4000?ign_set_control", "rfc2217://Bench:4000?ign_set_control"),
        ("rfc2217://127.0.0.1:9", "rfc2217://127.0.0.1:9"),
        ("COM3", "COM3"),
        ("/dev/ttyUSB0", "/dev/ttyUSB0"),
    ],
)
def test_port_has_one_spelling_which_esptool_understands(port: str, spelling: str) -> None:
    assert canonical(port) == spelling


@pytest.mark.parametrize("cut", range(1, 14))
def test_splitter_gives_the_same_however_the_stream_is_cut(cut: int) -> None:
    stream = b"ab\xff\xffc\xff\xfb\x2c\xff\xfa\x2c\x01\xff\xff\x02\xff\xf0d"
    splitter = TelnetSplitter()

    data = splitter.feed(stream[:cut]) + splitter.feed(stream[cut:])

    assert data == b"ab\xffcd"
    assert splitter.negotiations == [(b"\xfb", b"\x2c")]
    assert splitter.subnegotiations == [b"\x2c\x01\xff\x02"]


@pytest.mark.parametrize("run", range(1, 8))
def test_splitter_pairs_runs_of_ff_from_their_beginning(run: int) -> None:
    splitter = TelnetSplitter()

    data = splitter.feed(b"\xff\xfb\xff" + b"\xff" * run + b"\xf1" + b"z")

    assert splitter.negotiations == [(b"\xfb", b"\xff")]
    assert data == b"\xff" * (run // 2) + (b"z" if run % 2 else b"\xf1z")


@pytest.mark.parametrize("cut", range(1, 300, 7))
def test_splitter_undoes_the_doubling_of_every_byte(cut: int) -> None:
    plain = bytes(range(256)) + b"\xff" * 5
    stream = plain.replace(b"\xff", b"\xff\xff")
    splitter = TelnetSplitter()

    assert splitter.feed(stream[:-cut]) + splitter.feed(stream[-cut:]) == plain


class EchoPort:
    """The far end of pyserial's RFC 2217 server: settings are kept, data comes back."""

    def __init__(self) -> None:
        self.baudrate, self.bytesize, self.parity, self.stopbits = 115200, 8, "N", 1
        self.rts = self.dtr = self.cts = self.dsr = self.ri = self.cd = False
        self.rtscts = self.xonxoff = self.break_condition = False
        self.changes: list[int] = []

    def reset_input_buffer(self) -> None: ...

    def reset_output_buffer(self) -> None: ...

    def __setattr__(self, name: str, value: object) -> None:
        if name == "baudrate" and hasattr(self, "changes"):
            self.changes.append(int(str(value)))
        object.__setattr__(self, name, value)


class _Connection:
    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def write(self, data: bytes) -> None:
        self._sock.sendall(data)


class _SilentOnLines(rfc2217.PortManager):
    """As `esp_rfc2217_server`: it acts on DTR and RTS by itself and confirms neither."""

    def rfc2217_send_subnegotiation(self, option: bytes, value: bytes = b"") -> None:
        if option != rfc2217.SERVER_SET_CONTROL:
            super().rfc2217_send_subnegotiation(option, value)


@pytest.fixture(params=[rfc2217.PortManager])
def echo(request: pytest.FixtureRequest) -> Iterator[tuple[str, EchoPort]]:
    """An echoing RFC 2217 server made of pyserial's own PortManager."""
    port = EchoPort()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        sock, _ = listener.accept()
        connection: Any = _Connection(sock)
        manager = request.param(cast("Any", port), connection)
        while received := sock.recv(1024):
            if data := b"".join(manager.filter(received)):
                sock.sendall(b"".join(manager.escape(data)))
        sock.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"rfc2217://127.0.0.1:{listener.getsockname()[1]}", port
    thread.join(5)
    listener.close()


def test_quick_client_is_understood_by_pyserials_server(echo: tuple[str, EchoPort]) -> None:
    url, far = echo
    use_quick_rfc2217()

    with serial.serial_for_url(url, baudrate=115200, timeout=60) as near:
        assert type(near).__module__.startswith("kitbench.")
        near.write(bytes(range(256)))
        assert near.read(256) == bytes(range(256))
        near.dtr = True
        near.rts = False
        assert (far.dtr, far.rts) == (True, False)


def test_timeouts_are_not_negotiated_and_baud_rates_are(echo: tuple[str, EchoPort]) -> None:
    url, far = echo
    use_quick_rfc2217()

    with serial.serial_for_url(url, baudrate=115200, timeout=60) as near:
        far.changes.clear()
        near.timeout = 0.5
        near.timeout = 3
        assert far.changes == []
        near.baudrate = 921600
        assert far.changes == [921600]


def test_read_returns_what_came_when_the_timeout_expires(echo: tuple[str, EchoPort]) -> None:
    url, _ = echo
    use_quick_rfc2217()

    with serial.serial_for_url(url, timeout=0.2) as near:
        near.write(b"abc")
        deadline = time.monotonic() + 60
        while near.in_waiting < 3:
            assert time.monotonic() < deadline
        assert near.read(10) == b"abc"


def test_nobody_listening_is_a_serial_exception() -> None:
    use_quick_rfc2217()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]

    with pytest.raises(serial.SerialException):
        serial.serial_for_url(f"rfc2217://127.0.0.1:{free}")


@pytest.mark.parametrize("echo", [_SilentOnLines], indirect=True)
def test_server_that_confirms_no_line_opens_with_ign_set_control(echo: tuple[str, EchoPort]) -> None:
    url, far = echo
    use_quick_rfc2217()

    with serial.serial_for_url(f"{url}?ign_set_control", timeout=60) as near:
        near.dtr = True
        near.write(b"abc")
        assert near.read(3) == b"abc"
        assert far.dtr is True


@pytest.mark.parametrize("echo", [_SilentOnLines], indirect=True)
def test_server_that_confirms_no_line_is_named_without_the_option(echo: tuple[str, EchoPort]) -> None:
    use_quick_rfc2217()

    with pytest.raises(serial.SerialException, match="does not answer to RFC 2217 control"):
        serial.serial_for_url(f"{echo[0]}?timeout=0.2")
