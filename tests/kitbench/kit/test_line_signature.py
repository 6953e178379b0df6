"""Who serves a port, asked of a virtual kit and of others."""

import socket
import threading

import pytest

from kitbench.bench.kits import kit_choice
from kitbench.bench.kits.kit_choice import SIGNATURE
from kitbench.errors import BenchError
from kitbench.kit.line_signature import signature_of
from kitbench.virtual_kit.kit import KitOptions, VirtualKit


def answering(answer: bytes) -> str:
    """Return the URL of a port that gives one client an answer, and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener, listener.accept()[0] as client:
            client.recv(100)
            client.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return f"rfc2217://127.0.0.1:{listener.getsockname()[1]}"


def test_virtual_kit_says_what_it_is_and_a_lab_does_not_take_it_for_real() -> None:
    with VirtualKit(KitOptions()) as kit:  # noted nowhere, as one of another machine
        assert signature_of(kit.url) == SIGNATURE
        with pytest.raises(BenchError, match="the place red has a virtual kit of another user or machine"):
            kit_choice._require_real(kit.url, "red")


@pytest.mark.parametrize(
    ("answer", "signature"),
    [
        (b"\xff\xfa\x2c\x64ser2net\xff\xf0", "ser2net"),
        (b"boot:\xff\xff\xff\xfb\x2c\xff\xfa\x2c\x6b\x00\xff\xf0\xff\xfa\x2c\x64a\xff\xffb\xff\xf0", "a\ufffdb"),
        (b"\xff\xfa\x2c\x64cut off", ""),
        (b"x" * 10000, ""),
        (b"", ""),
    ],
)
def test_others_say_something_else_or_nothing(answer: bytes, signature: str) -> None:
    port = answering(answer)

    assert signature_of(port) == signature
    kit_choice._require_real("rfc2217://127.0.0.1:9", "red")  # nobody there: nothing is claimed of it


def test_ports_that_are_not_of_rfc2217_are_not_asked() -> None:
    assert signature_of("/dev/ttyUSB0") == signature_of("socket://127.0.0.1:9") == ""
