"""esp_http_client against a server of the standard library, through the access point."""

import base64
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram
from tests.kitbench.virtual_kit.cpu.mqtt_broker_rig import c_string
from tests.kitbench.virtual_kit.tls.tls_servers import Authority, make_authority, server_context

_HEAD = """
#include <stdio.h>
#include <string.h>
#include "esp_http_client.h"
static esp_err_t on_event(esp_http_client_event_t *event) {
    if (event->event_id == HTTP_EVENT_ON_DATA) printf("[%d %.*s]", (int)event->user_data, event->data_len,
                                                      (char *)event->data);
    else if (event->event_id == HTTP_EVENT_ON_HEADER) {
        if (strcmp(event->header_key, "X-Kind") == 0) printf("(%s)", event->header_value);
    } else printf("<%d>", event->event_id);
    return ESP_OK;
}
static void result(const char *what, esp_http_client_handle_t c, esp_err_t error) {
    printf("\\n%s %x %d %d %d\\n", what, error, esp_http_client_get_status_code(c),
           (int)esp_http_client_get_content_length(c), esp_http_client_is_complete_data_received(c));
}
void app_main(void) {
    esp_http_client_config_t config = {.url = "http://localhost:PORT/plain?x=1", .event_handler = on_event,
                                       .user_data = (void *)7, .buffer_size = 16};
"""
_PERFORM = (
    _HEAD
    + """
    esp_http_client_handle_t c = esp_http_client_init(&config);
    result("get", c, esp_http_client_perform(c));
    esp_http_client_set_url(c, "/chunked");
    result("chunks", c, esp_http_client_perform(c));
    esp_http_client_set_url(c, "/moved");
    result("moved", c, esp_http_client_perform(c));
    esp_http_client_set_url(c, "/echo");
    esp_http_client_set_method(c, HTTP_METHOD_POST);
    esp_http_client_set_header(c, "X-Mine", "yes");
    esp_http_client_set_post_field(c, "a=b", 3);
    result("post", c, esp_http_client_perform(c));
    esp_http_client_set_post_field(c, NULL, 0);
    esp_http_client_set_method(c, HTTP_METHOD_HEAD);
    esp_http_client_set_url(c, "/plain");
    result("head", c, esp_http_client_perform(c));
    esp_http_client_set_method(c, HTTP_METHOD_GET);
    esp_http_client_set_url(c, "/secret");
    result("refused", c, esp_http_client_perform(c));
    esp_http_client_set_username(c, "user");
    esp_http_client_set_password(c, "pass");
    result("secret", c, esp_http_client_perform(c));
    esp_http_client_set_url(c, "/close");
    result("close", c, esp_http_client_perform(c));
    esp_http_client_set_url(c, "/loop");
    result("loop", c, esp_http_client_perform(c));
    esp_http_client_set_url(c, "http://example.com/");
    result("elsewhere", c, esp_http_client_perform(c));
    printf("end %x\\n", esp_http_client_cleanup(c));
}
"""
)
_STREAM = (
    _HEAD
    + """
    config.event_handler = NULL;
    config.method = HTTP_METHOD_PUT;
    config.url = "http://localhost:PORT/echo";
    esp_http_client_handle_t c = esp_http_client_init(&config);
    char text[64] = "";
    printf("early %d\\n", esp_http_client_write(c, "x", 1));
    printf("open %x\\n", esp_http_client_open(c, 10));
    printf("write %d %d\\n", esp_http_client_write(c, "01234", 5), esp_http_client_write(c, "56789", 5));
    int length = (int)esp_http_client_fetch_headers(c);
    printf("length %d %d\\n", length, esp_http_client_get_status_code(c));
    int first = esp_http_client_read(c, text, 4);
    int second = esp_http_client_read(c, text + 4, 50);
    printf("read %d %d %s\\n", first, second, text);
    printf("more %d\\n", esp_http_client_read(c, text, 10));
    esp_http_client_close(c);
    config.url = NULL;
    printf("none %d\\n", esp_http_client_init(&config) == NULL);
    config.host = "localhost"; config.path = "/silent"; config.port = PORT; config.timeout_ms = 300;
    config.method = HTTP_METHOD_GET;
    c = esp_http_client_init(&config);
    printf("silent %x\\n", esp_http_client_perform(c));
    printf("end\\n");
}
"""
)


_BASIC = f"Basic {base64.b64encode(b'user:pass').decode()}"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path
        if path == "/silent":
            threading.Event().wait(3)
        elif path == "/chunked":
            self._head(200, {"Transfer-Encoding": "chunked"})
            self.wfile.write(b"3\r\nabc\r\n14\r\n01234567890123456789\r\n0\r\nX-Last: 1\r\n\r\n")
        elif path in {"/moved", "/loop"}:
            self._answer(302, b"gone", {"Location": "/plain" if path == "/moved" else "/loop"})
        elif (
            path == "/secret"
            and self.headers.get("Authorization") != f"Basic {base64.b64encode(b'user:pass').decode()}"
        ):
            self._answer(401, b"who?", {"WWW-Authenticate": 'Basic realm="lab"'})
        elif path == "/close":
            self._head(200, {"Connection": "close"})
            self.wfile.write(b"until the end")
            self.close_connection = True
        else:
            self._answer(200, b"hello", {"X-Kind": path})

    do_HEAD = do_GET  # noqa: N815 - as the base class has it

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        agent, mine = self.headers["User-Agent"], self.headers.get("X-Mine", "-")
        kind = self.headers.get("Content-Type", "-")
        said = body if self.command == "PUT" else f"{body.decode()} {mine} {kind} {agent}".encode()
        self._answer(200, said, {})

    do_PUT = do_POST  # noqa: N815

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self._head(status, headers | {"Content-Length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """The port of an HTTP server."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture
def tls_port(tmp_path: Path) -> Iterator[tuple[int, Authority]]:
    """The port of an HTTPS server, and who vouches for it."""
    authority = make_authority()
    context = server_context(authority.issue("localhost", names=["localhost"]), tmp_path, authority, needs_client=False)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1], authority
    server.shutdown()
    server.server_close()


def said(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith(("I (", "E (", "W ("))]


def test_requests_are_performed_with_their_events(run_program: RunProgram, port: int) -> None:
    run = run_program(_PERFORM.replace("PORT", str(port)), access_point=(("localhost", port),))

    lines = said(run.wait_for("end 0\r\n"))

    posted = "a=b yes application/x-www-form-urlencoded ESP32 HTTP Client/1.0"
    told = [line for line in lines if line.startswith(("<", "["))]
    results = [line for line in lines if line and line[0].isalpha()]
    assert told[0] == "<1><2>(/plain?x=1)[7 hello]<5>"
    assert told[2] == "<2>[7 gone]<5><2>(/plain)[7 hello]<5>"  # on the same connection
    assert results[:10] == [
        "get 0 200 5 1", "chunks 0 200 -1 1", "moved 0 200 5 1", f"post 0 200 {len(posted)} 1", "head 0 200 5 1",
        "refused 0 401 4 1", "secret 0 200 5 1", "close 0 200 -1 1", "loop 7001 302 4 0", "elsewhere 7002 302 4 0",
    ]  # fmt: skip
    assert _joined(told[1]) == "abc01234567890123456789"
    assert _joined(told[3]) == posted
    assert "<0>" in told[-1]  # the connection that failed


def _joined(line: str) -> str:
    """Return the body that the pieces of one exchange make up."""
    return "".join(re.findall(r"\[7 ([^]]*)\]", line))


def test_streams_are_written_and_read_in_pieces(run_program: RunProgram, port: int) -> None:
    run = run_program(_STREAM.replace("PORT", str(port)), access_point=(("localhost", port),))

    assert said(run.wait_for("end\r\n"))[-9:] == [
        "early -1", "open 0", "write 5 5", "length 10 200", "read 4 6 0123456789", "more 0", "none 1",
        "silent 7007", "end",
    ]  # fmt: skip


_TLS = (
    _HEAD
    + """
    config.url = "https://localhost:PORT/plain";
    config.cert_pem = CA;
    for (int i = 0; i < 2; i++) {
        esp_http_client_handle_t c = esp_http_client_init(&config);
        result("tls", c, esp_http_client_perform(c));
        printf("transport %d\\n", esp_http_client_get_transport_type(c));
        esp_http_client_cleanup(c);
        config.cert_pem = OTHER;
    }
    printf("end\\n");
}
"""
)


def test_tls_is_refused_where_nobody_that_is_trusted_vouches(
    run_program: RunProgram, tls_port: tuple[int, Authority]
) -> None:
    port, authority = tls_port
    program = _TLS.replace("PORT", str(port)).replace("CA;", f"{c_string(authority)};")
    program = program.replace("OTHER;", f"{c_string(make_authority('another'))};")

    lines = said(run_program(program, access_point=(("localhost", port),)).wait_for("end\r\n"))

    assert [line for line in lines if line[:2] in {"tl", "tr"}] == [
        "tls 0 200 5 1", "transport 2", "tls 7002 0 -1 0", "transport 2",
    ]  # fmt: skip
