"""The access point leads to its endpoints and to nothing else."""

import socket

import pytest

from kitbench.virtual_kit.tls.access_point import connect, is_reachable
from kitbench.virtual_kit.tls.error import TlsError

ALLOWED = (("localhost", 8883), ("abc-ats.iot.us-east-1.amazonaws.com", 8883))


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("localhost", 8883, True),
        ("LOCALHOST", 8883, True),
        ("ABC-ats.iot.us-east-1.amazonaws.com", 8883, True),
        ("localhost", 8884, False),
        ("localhost", 22, False),
        ("localhost.", 8883, False),
        ("127.0.0.1", 8883, False),
        ("::1", 8883, False),
        ("0x7f000001", 8883, False),
        ("localhost\0.example.org", 8883, False),
        ("", 8883, False),
        ("evil.abc-ats.iot.us-east-1.amazonaws.com", 8883, False),
        ("169.254.169.254", 80, False),
    ],
)
def test_reachable(host: str, port: int, expected: bool) -> None:  # noqa: FBT001 - parametrised
    assert is_reachable(host, port, allowed=ALLOWED) is expected


def test_name_that_has_no_address() -> None:
    name = "no such host"

    with pytest.raises(TlsError, match="no address") as caught:
        connect(name, 1, allowed=((name, 1),), timeout_s=1, is_cancelled=lambda: False)
    assert caught.value.code == -0x8001


def test_reset_of_the_kit_gives_up_a_pending_connection() -> None:
    # A listener whose queue is full leaves further connections pending.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [_begin(port) for _ in range(4)]

        with pytest.raises(TlsError, match="did not answer") as caught:
            connect("localhost", port, allowed=(("localhost", port),), timeout_s=10, is_cancelled=lambda: True)

        for filler in fillers:
            filler.close()
    assert caught.value.code == -0x8006


def _begin(port: int) -> socket.socket:
    link = socket.socket()
    link.setblocking(False)
    link.connect_ex(("127.0.0.1", port))
    return link


def test_second_address_is_tried_when_the_first_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        refused = gone.getsockname()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", one) for one in (refused, listener.getsockname())]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: addresses)

        with connect("host", 1, allowed=(("host", 1),), timeout_s=10, is_cancelled=lambda: False) as link:
            assert link.getpeername() == listener.getsockname()
