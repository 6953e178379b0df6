"""Sockets lead through the access point and nowhere else; errno *from lwIP's sources*, unverified."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram

_CLIENT = """
#include <stdio.h>
#include <string.h>
#include "lwip/netdb.h"
#include "lwip/sockets.h"
void app_main(void) {
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    char text[32] = "";
    printf("elsewhere %d\\n", getaddrinfo("example.com", "80", &hints, &found));
    printf("found %d\\n", getaddrinfo("localhost", "PORT", &hints, &found));
    int s = socket(AF_INET, SOCK_STREAM, 0);
    printf("early %d %d\\n", (int)send(s, "x", 1, 0), errno);
    printf("connected %d\\n", connect(s, found->ai_addr, found->ai_addrlen));
    printf("twice %d %d\\n", connect(s, found->ai_addr, found->ai_addrlen), errno);
    struct timeval limit = {.tv_sec = 0, .tv_usec = 100000};
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    printf("silence %d %d\\n", (int)recv(s, text, sizeof(text), 0), errno);
    fd_set set; FD_ZERO(&set); FD_SET(s, &set);
    printf("select %d\\n", select(s + 1, &set, NULL, NULL, &limit));
    printf("sent %d\\n", (int)write(s, "hello", 5));
    FD_ZERO(&set); FD_SET(s, &set); limit.tv_sec = 20;
    printf("select %d %d\\n", select(s + 1, &set, NULL, NULL, &limit), FD_ISSET(s, &set) != 0);
    printf("got %d %s\\n", (int)read(s, text, sizeof(text)), text);
    send(s, "quit", 4, 0);
    limit.tv_sec = 20; setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    printf("end %d\\n", (int)recv(s, text, sizeof(text), 0));
    printf("closed %d %d %d\\n", close(s), close(s), errno);
    struct sockaddr_in other = {.sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = inet_addr("8.8.8.8")};
    s = socket(AF_INET, SOCK_STREAM, 0);
    printf("outside %d %d\\n", connect(s, (struct sockaddr *)&other, sizeof(other)), errno);
    printf("datagrams %d %d\\n", socket(AF_INET, SOCK_DGRAM, 0), errno);
    printf("done\\n");
}
"""


@pytest.fixture
def echo_port() -> Iterator[int]:
    """A TCP server that gives back what it gets, until it is told to quit."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        link, _ = listener.accept()
        with link:
            while (data := link.recv(64)) and data != b"quit":
                link.sendall(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.close()


def test_client_talks_to_the_access_points_endpoint_alone(run_program: RunProgram, echo_port: int) -> None:
    run = run_program(_CLIENT.replace("PORT", str(echo_port)), access_point=(("localhost", echo_port),))

    text = run.wait_for("done\r\n")

    said = [line for line in text.splitlines() if line.partition(" ")[0] in _LINES]
    assert said == [f"{word} {rest}" for word, rest in _EXPECTED]


_EXPECTED = [
    ("elsewhere", "202"), ("found", "0"), ("early", "-1 128"), ("connected", "0"), ("twice", "-1 127"),
    ("silence", "-1 11"), ("select", "0"), ("sent", "5"), ("select", "1 1"), ("got", "5 hello"), ("end", "0"),
    ("closed", "0 -1 9"), ("outside", "-1 118"), ("datagrams", "-1 123"),
]  # fmt: skip
_LINES = {word for word, _ in _EXPECTED}


def test_headers_that_are_included_and_not_used_compile(run_program: RunProgram) -> None:
    names = (
        "lwip/sockets.h lwip/dns.h lwip/netdb.h lwip/err.h lwip/sys.h lwip/inet.h lwip/ip_addr.h lwip/ip4_addr.h "
        "lwip/opt.h sys/socket.h netinet/in.h arpa/inet.h netdb.h rom/ets_sys.h esp32/rom/ets_sys.h"
    )
    includes = "".join(f'#include "{name}"\n' for name in names.split())

    run_program(
        includes + '_Static_assert(IP4ADDR_STRLEN_MAX == sizeof("255.255.255.255"), "");\n'
        '#include <stdio.h>\nvoid app_main(void) { ets_delay_us(10); printf("built\\n"); }'
    ).wait_for("built")


def test_freertos_brings_what_it_brings_in_esp_idf_5_1(run_program: RunProgram) -> None:
    run = run_program(
        '#include <stdio.h>\n#include "freertos/FreeRTOS.h"\nvoid app_main(void) {'
        'printf("%d %d\\n", esp_get_minimum_free_heap_size() > 0, esp_timer_get_time() > 0); }'
    )

    run.wait_for("1 1\r\n")
