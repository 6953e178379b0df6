"""Who may see the page, and what it is told."""

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from kitbench.local_iot_core.service import LocalIotCore


@pytest.fixture(name="core", scope="module")
def _core() -> Iterator[LocalIotCore]:
    with LocalIotCore(console_port=0) as core:
        yield core


def get(core: LocalIotCore, name: str = "", *, host: str | None = None, path: str | None = None) -> tuple[int, str]:
    """Return status and body of a file of the page."""
    parts = urlsplit(core.console_url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=10)
    connection.request("GET", path if path is not None else parts.path + name, headers={"Host": host or parts.netloc})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def test_page_needs_its_token(core: LocalIotCore) -> None:
    assert get(core)[0] == 200
    assert "MQTT test client" in get(core)[1]
    assert get(core, path="/")[0] == 404
    assert get(core, path="/guessed/state.json")[0] == 404


def test_page_is_for_the_loopback_by_name(core: LocalIotCore) -> None:
    port = urlsplit(core.console_url).port

    assert get(core, host=f"localhost:{port}")[0] == 200
    assert get(core, host=f"evil.example:{port}")[0] == 403


@pytest.mark.parametrize("name", ["../service.py", "%2e%2e/service.py", "__init__.py", "nothing"])
def test_other_files_are_not_served(core: LocalIotCore, name: str) -> None:
    assert get(core, name)[0] == 404


def test_mqtt_is_for_this_page_only(core: LocalIotCore) -> None:
    parts = urlsplit(core.console_url)
    url = f"ws://{parts.netloc}{parts.path}mqtt"

    with pytest.raises(InvalidStatus, match="403"):
        connect(url, subprotocols=[Subprotocol("mqtt")], origin=Origin("http://evil.example"))
    with connect(url, subprotocols=[Subprotocol("mqtt")], origin=Origin(f"http://{parts.netloc}")) as socket:
        socket.send(bytes.fromhex("100e00044d5154540402003c0002") + b"me")
        assert socket.recv(timeout=10) == bytes.fromhex("20020000")
        state = json.loads(get(core, "state.json")[1])

    assert [client["client_id"] for client in state["clients"]] == ["me"]
    assert state["billed"]["connect"] >= 1


def test_no_page_is_served_unless_it_is_asked_for() -> None:
    with LocalIotCore() as core:
        assert core.console_url == ""
