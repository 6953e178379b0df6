"""MQTT over WebSocket, by a client that misbehaves where AWS's SDK does not."""

import ssl
from collections.abc import Iterator

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from kitbench.local_iot_core.broker.events import EventKind
from kitbench.local_iot_core.mqtt.mqtt_encoder import encode
from kitbench.local_iot_core.mqtt.mqtt_packets import Connack, Connect, Pingreq, Pingresp
from kitbench.local_iot_core.service import LocalIotCore


@pytest.fixture(name="core", scope="module")
def _core() -> Iterator[LocalIotCore]:
    with LocalIotCore() as core:
        yield core


def dial(
    core: LocalIotCore, *, path: str = "/mqtt", subprotocol: str = "mqtt", signed: bool = True
) -> ClientConnection:
    endpoint = core.endpoint
    host = f"localhost:{endpoint.mqtt_port}"
    request = AWSRequest("GET", f"wss://{host}{path}", headers={"host": host})
    if signed:
        credentials = Credentials(endpoint.access_key_id, endpoint.secret_access_key)
        SigV4QueryAuth(credentials, "iotdevicegateway", endpoint.region).add_auth(request)
    return connect(
        str(request.url),
        ssl=ssl.create_default_context(cafile=endpoint.ca_file),
        subprotocols=[subprotocol],  # type: ignore[list-item]  # a string is one
        proxy=None,
    )


def log_in(connection: ClientConnection, client_id: str) -> None:
    connection.send(encode(Connect(4, client_id, clean_start=True, keep_alive_s=60)))
    assert connection.recv(10) == encode(Connack(0))


def _send_and_read(connection: ClientConnection, data: bytes | str) -> None:
    """Send something and read the answer; the other end may hang up during either."""
    connection.send(data)
    connection.recv(10)


def test_packets_travel_in_binary_frames(core: LocalIotCore) -> None:
    with dial(core) as connection:
        log_in(connection, "frames")
        assert connection.subprotocol == "mqtt"
        ping = encode(Pingreq())
        connection.send([ping[:1], ping[1:]])

        assert connection.recv(10) == encode(Pingresp())


def test_close_frame_is_a_leave(core: LocalIotCore) -> None:
    with dial(core) as connection:
        log_in(connection, "leaver")

    [event] = [event for event in core.events.of(EventKind.DISCONNECTED) if event["client_id"] == "leaver"]
    assert event["disconnect_reason"] == "CLIENT_INITIATED_DISCONNECT"


def test_text_frame_ends_the_connection(core: LocalIotCore) -> None:
    with dial(core) as connection:
        log_in(connection, "talker")

        with pytest.raises(ConnectionClosed):
            _send_and_read(connection, "text")


def test_huge_frame_ends_the_connection(core: LocalIotCore) -> None:
    with dial(core) as connection:
        log_in(connection, "glutton")

        with pytest.raises(ConnectionClosed):
            _send_and_read(connection, bytes(1_000_000))


@pytest.mark.parametrize(("path", "signed"), [("/other", True), ("/mqtt", False)])
def test_other_path_or_no_signature_is_403(core: LocalIotCore, path: str, *, signed: bool) -> None:
    with pytest.raises(InvalidStatus) as caught:
        dial(core, path=path, signed=signed).close()

    assert caught.value.response.status_code == 403


def test_control_a_signed_client_without_connect_is_not_let_in(core: LocalIotCore) -> None:
    with dial(core) as connection:
        connection.send(encode(Pingreq()))

        with pytest.raises(ConnectionClosed):
            connection.recv(10)
