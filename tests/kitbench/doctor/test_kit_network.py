"""What a kit's serial log says of Wi-Fi, name service and broker, and a virtual kit that says it."""

import pytest

from kitbench.doctor import kit_network
from kitbench.doctor.check import State
from kitbench.doctor.kit_network import BROKER, NETWORK, RESET, judge, judge_reset, network
from kitbench.virtual_kit.kit import KitOptions, VirtualKit

JOINED = "I (456) network: Connected with IP Address:192.168.4.2\r\nI (456) subpub: Connecting to AWS...\r\n"


@pytest.mark.parametrize(
    ("log", "states", "words"),
    [
        (f"{JOINED}I (578) subpub: MQTT connected\r\n", [State.OK, State.OK], "joined, address 192.168.4.2"),
        ("I (9) esp_netif_handlers: sta ip: 10.0.0.7, mask: …", [State.OK, State.WARN], "no reason is told"),
        (
            f"{JOINED}E (9) esp-tls: couldn't get hostname for :x.iot.aws: getaddrinfo()",
            [State.OK, State.FAIL],
            "x.iot.aws",
        ),
        (f"{JOINED}E (9) esp-tls: [sock=54] select() timeout", [State.OK, State.FAIL], "select() timeout"),
        (f"{JOINED}E (9) esp-tls: [sock=54] delayed connect error: Connection reset", [State.OK, State.FAIL], "reset"),
        (f"{JOINED}E (9) esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x7780", [State.OK, State.WARN], "-0x7780"),
        (f"{JOINED}E (9) subpub: Error(5) connecting to x.iot.aws:8883", [State.OK, State.WARN], "refuses the kit (5)"),
        ("W (9) network: disconnected (reason 201), connecting to the AP again", [State.FAIL], "no such network"),
        ("W (9) network: disconnected (reason 15), connecting to the AP again", [State.FAIL], "wrong password"),
        ("W (9) network: disconnected (reason 2), connecting to the AP again", [State.FAIL], "wifi_err_reason_t"),
        ("", [State.WARN], "says nothing of a network"),
        ("waiting for download", [State.WARN], "says nothing of a network"),
    ],
)
def test_log_tells_how_far_the_kit_came(log: str, states: list[State], words: str) -> None:
    lines = judge(log)

    assert [line.subject for line in lines] == [NETWORK, BROKER][: len(lines)]
    assert [line.state for line in lines] == states
    assert any(words in line.detail for line in lines)
    assert all(line.fix for line in lines if line.state is not State.OK)


def test_kit_that_says_nothing_is_listened_to_for_a_moment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit_network, "LISTENS_FOR_S", 0.5)

    with VirtualKit(KitOptions()) as kit:
        lines = network(kit.url)

    assert [(line.subject, line.state) for line in lines] == [(RESET, State.OK), (NETWORK, State.WARN)]


@pytest.mark.parametrize(
    ("log", "state", "words"),
    [
        (
            "ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
            State.OK,
            "starts over",
        ),
        ("I (9) app: still here", State.FAIL, "something else"),
        ("\r\n", State.FAIL, "printed nothing"),
    ],
)
def test_kit_that_does_not_start_over_has_no_reset(log: str, state: State, words: str) -> None:
    line = judge_reset(log)

    assert line.state is state
    assert words in line.detail
