"""Both planes in this process, over real TLS: what gets through the handshake, what is recorded, what is cut."""

import contextlib
import json
import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives import serialization

from kitbench.errors import BenchError
from kitbench.local_iot_core.broker.events import EventKind
from kitbench.local_iot_core.broker.limits import Limits
from kitbench.local_iot_core.mqtt.mqtt_decoder import Decoder
from kitbench.local_iot_core.mqtt.mqtt_encoder import encode
from kitbench.local_iot_core.mqtt.mqtt_packets import (
    Connack,
    Connect,
    Packet,
    Pingreq,
    Pingresp,
    Publish,
    Suback,
    Subscribe,
    SubscriptionRequest,
)
from kitbench.local_iot_core.service import LocalIotCore
from tests.kitbench.local_iot_core.certificates import self_signed, write_pair

#: Of waits that a busy machine may need, and an idle one never reaches.
TIMEOUT_S = 60
ALLOW_ALL = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}
)


@pytest.fixture(name="core", scope="module")
def _core() -> Iterator[LocalIotCore]:
    with LocalIotCore(limits=Limits(publishes_per_s=None, bytes_per_s=None)) as core:
        yield core


@pytest.fixture(name="iot", scope="module")
def _iot(core: LocalIotCore) -> Any:
    endpoint = core.endpoint
    return boto3.client(
        "iot",
        endpoint_url=endpoint.endpoint_url,
        region_name=endpoint.region,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def client_context(core: LocalIotCore, pair: Path | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=core.endpoint.ca_file)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if pair is not None:
        context.load_cert_chain(pair)
    return context


def dial(core: LocalIotCore, context: ssl.SSLContext, *, name: str = "localhost") -> ssl.SSLSocket:
    raw = socket.create_connection(("127.0.0.1", core.endpoint.mqtt_port), timeout=TIMEOUT_S)
    return context.wrap_socket(raw, server_hostname=name)


def exchange(connection: ssl.SSLSocket, packet: Packet) -> Packet | None:
    """Send a packet; return the first that comes back, None when the other end closes."""
    connection.sendall(encode(packet))
    decoder = Decoder(100_000)
    while data := connection.recv(4096):
        for answer in decoder.feed(data):
            return answer
    return None


def wait_for(condition: Callable[[], Any]) -> Any:
    """Return what `condition` returns once it is true."""
    until = time.monotonic() + TIMEOUT_S
    while time.monotonic() < until:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError("it did not become true")


def connect_packet(client_id: str) -> Connect:
    return Connect(4, client_id, clean_start=True, keep_alive_s=60)


def register(iot: Any, folder: Path, name: str, *, status: str = "ACTIVE") -> tuple[Path, str]:
    """Register a self-made certificate with a policy; return its file and id."""
    certificate, key = self_signed(name)
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    answer = iot.register_certificate_without_ca(certificatePem=pem, status=status)
    iot.create_policy(policyName=name, policyDocument=ALLOW_ALL)
    iot.attach_policy(policyName=name, target=answer["certificateArn"])
    return write_pair(folder, certificate, key), answer["certificateId"]


def send_garbage(core: LocalIotCore, context: ssl.SSLContext, dice: random.Random, number: int) -> None:
    """Send random bytes instead of TLS, within its handshake, instead of MQTT, after CONNECT, instead of HTTP."""
    noise = dice.randbytes(dice.randint(1, 2000))
    match number % 5:
        case 0 | 1:
            with socket.create_connection(("127.0.0.1", core.endpoint.mqtt_port), timeout=TIMEOUT_S) as raw:
                raw.sendall((b"\x16\x03\x01" if number % 5 else b"") + noise)
        case 2 | 3:
            head = b"" if number % 5 == 2 else b"GET /mqtt HTTP/1.1\r\n"
            with dial(core, context) as connection:
                connection.sendall(head + noise + b"\r\n\r\n")
        case _:
            with dial(core, context) as connection:
                exchange(connection, connect_packet(f"garbage-{number}"))
                connection.sendall(bytes([dice.choice([0x10, 0x30, 0x32, 0x40, 0x82, 0xA2, 0xE0])]) + noise)


class TestHandshake:
    @pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
    def test_name_and_address_are_those_of_the_certificate(self, core: LocalIotCore, name: str) -> None:
        with dial(core, client_context(core), name=name) as connection:
            assert connection.version() in {"TLSv1.2", "TLSv1.3"}

    def test_other_name_is_refused_by_the_client(self, core: LocalIotCore) -> None:
        with pytest.raises(ssl.SSLCertVerificationError):
            dial(core, client_context(core), name="example.com").close()

    def test_tls_1_1_is_refused(self, core: LocalIotCore) -> None:
        context = client_context(core)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        dial(core, context).close()

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_verify_locations(core.endpoint.ca_file)
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.minimum_version = ssl.TLSVersion.TLSv1_1
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError):
            dial(core, context).close()

    def test_plain_tcp_is_refused_and_recorded(self, core: LocalIotCore) -> None:
        with socket.create_connection(("127.0.0.1", core.endpoint.mqtt_port), timeout=TIMEOUT_S) as connection:
            connection.sendall(encode(connect_packet("kit")))
            assert connection.recv(10) == b""

        reasons = [event["reason"] for event in core.events.of(EventKind.TLS_REFUSED)]
        assert "the client does not speak TLS" in reasons

    def test_certificate_of_an_unknown_ca_is_told_by_an_alert(self, core: LocalIotCore, tmp_path: Path) -> None:
        certificate, key = self_signed("stranger")
        context = client_context(core, write_pair(tmp_path, certificate, key))

        with pytest.raises(ssl.SSLError, match="unknown ca"), dial(core, context) as connection:
            exchange(connection, connect_packet("kit"))

        reasons = [str(event["reason"]) for event in core.events.of(EventKind.TLS_REFUSED)]
        assert any("client certificate refused: self-signed certificate" in reason for reason in reasons)

    def test_expired_certificate_is_refused(self, core: LocalIotCore, iot: Any, tmp_path: Path) -> None:
        certificate, key = self_signed("expired", expired=True)
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        iot.register_certificate_without_ca(certificatePem=pem, status="ACTIVE")
        context = client_context(core, write_pair(tmp_path, certificate, key))

        with pytest.raises(ssl.SSLError, match="certificate expired"), dial(core, context) as connection:
            exchange(connection, connect_packet("kit"))

    def test_silent_client_is_cut_and_recorded(self) -> None:
        with (
            LocalIotCore(limits=Limits(connect_timeout_s=0.2)) as impatient,
            socket.create_connection(("127.0.0.1", impatient.endpoint.mqtt_port), timeout=TIMEOUT_S) as connection,
        ):
            assert connection.recv(10) == b""
            [event] = wait_for(lambda: impatient.events.of(EventKind.TLS_REFUSED))

        assert event["reason"] == "no TLS handshake or no first packet in time"


class TestMutualAuthentication:
    def test_registered_certificate_of_no_ca_is_let_in(self, core: LocalIotCore, iot: Any, tmp_path: Path) -> None:
        pair, _ = register(iot, tmp_path, "self-made")

        with dial(core, client_context(core, pair)) as connection:
            assert exchange(connection, connect_packet("self-made")) == Connack(0)
            assert exchange(connection, Pingreq()) == Pingresp()

    def test_no_certificate_is_refused_at_connect(self, core: LocalIotCore) -> None:
        with dial(core, client_context(core)) as connection:
            assert exchange(connection, connect_packet("anonymous")) is None

        [event] = [event for event in core.events.of(EventKind.CONNECT_REFUSED) if event["client_id"] == "anonymous"]
        assert event["reason"] == "no client certificate was presented"

    def test_inactive_certificate_passes_tls_and_is_refused_at_connect(
        self, core: LocalIotCore, iot: Any, tmp_path: Path
    ) -> None:
        pair, certificate_id = register(iot, tmp_path, "inactive", status="INACTIVE")

        with dial(core, client_context(core, pair)) as connection:
            assert exchange(connection, connect_packet("inactive")) is None

        [event] = [event for event in core.events.of(EventKind.CONNECT_REFUSED) if event["client_id"] == "inactive"]
        assert event["reason"] == f"certificate {certificate_id} is INACTIVE"

    def test_deactivation_cuts_a_live_session(self, core: LocalIotCore, iot: Any, tmp_path: Path) -> None:
        pair, certificate_id = register(iot, tmp_path, "live")

        with dial(core, client_context(core, pair)) as connection:
            assert exchange(connection, connect_packet("live")) == Connack(0)
            iot.update_certificate(certificateId=certificate_id, newStatus="INACTIVE")
            assert connection.recv(10) == b""

        [event] = [event for event in core.events.of(EventKind.DISCONNECTED) if event["client_id"] == "live"]
        assert event["reason"] == f"certificate {certificate_id} is INACTIVE"

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda v: v.name)
    def test_resumed_tls_session_is_judged_again(
        self, core: LocalIotCore, iot: Any, tmp_path: Path, version: ssl.TLSVersion
    ) -> None:
        pair, certificate_id = register(iot, tmp_path, f"resumer-{version.name}")
        context = client_context(core, pair)
        context.minimum_version = context.maximum_version = version
        with dial(core, context) as connection:
            assert exchange(connection, connect_packet(f"first-{version.name}")) == Connack(0)
            session = connection.session
        iot.update_certificate(certificateId=certificate_id, newStatus="INACTIVE")

        raw = socket.create_connection(("127.0.0.1", core.endpoint.mqtt_port), timeout=TIMEOUT_S)
        with context.wrap_socket(raw, server_hostname="localhost", session=session) as connection:
            assert connection.session_reused
            assert exchange(connection, connect_packet(f"second-{version.name}")) is None
        refused = {event["client_id"]: event["reason"] for event in core.events.of(EventKind.CONNECT_REFUSED)}
        assert refused[f"second-{version.name}"] == f"certificate {certificate_id} is INACTIVE"

    def test_stalled_client_delays_nobody(self, core: LocalIotCore, iot: Any, tmp_path: Path) -> None:
        pair, _ = register(iot, tmp_path, "quick")
        stalled = [
            socket.create_connection(("127.0.0.1", core.endpoint.mqtt_port), timeout=TIMEOUT_S) for _ in range(20)
        ]
        for connection in stalled:
            connection.sendall(b"\x16\x03\x01")

        try:
            with dial(core, client_context(core, pair)) as connection:
                assert exchange(connection, connect_packet("quick")) == Connack(0)
        finally:
            for connection in stalled:
                connection.close()

    def test_garbage_of_all_kinds_disturbs_nobody_and_leaves_nothing(
        self, core: LocalIotCore, iot: Any, tmp_path: Path
    ) -> None:
        pair, _ = register(iot, tmp_path, "garbage")
        context, dice = client_context(core, pair), random.Random(1)
        with dial(core, context) as good:
            assert exchange(good, connect_packet("good")) == Connack(0)
            for number in range(40):
                with contextlib.suppress(OSError, EOFError):
                    send_garbage(core, context, dice, number)
                assert exchange(good, Pingreq()) == Pingresp()

            broker = core.broker
            wait_for(lambda: not broker._pending and not [name for name in broker.clients if "garbage" in name])

    def test_client_that_does_not_read_delays_nobody(self, iot: Any, core: LocalIotCore, tmp_path: Path) -> None:
        pair, _ = register(iot, tmp_path, "flood")
        context = client_context(core, pair)
        with dial(core, context) as stuck, dial(core, context) as quick, dial(core, context) as sender:
            for connection, client_id in ((stuck, "stuck"), (quick, "quick-reader"), (sender, "sender")):
                assert exchange(connection, connect_packet(client_id)) == Connack(0)
            subscribe = encode(Subscribe(1, (SubscriptionRequest("flood", 0),)))
            for connection in (stuck, quick):
                connection.sendall(subscribe)
                assert connection.recv(100) == encode(Suback(1, (0,)))
            publish = encode(Publish("flood", bytes(100_000)))
            for _ in range(150):
                sender.sendall(publish)
                left = len(publish)
                while left:
                    left -= len(quick.recv(left))

        reasons = [event["reason"] for event in core.events.of(EventKind.DISCARDED) if event["client_id"] == "stuck"]
        assert "the client is too slow: its backlog is full" in reasons


class TestControlPlane:
    def ask(self, core: LocalIotCore, *lines: str) -> bytes:
        host, port = core.endpoint.endpoint_url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=TIMEOUT_S) as connection:
            head = ["GET /things HTTP/1.1", f"Host: {host}", "Connection: close", *lines, "", ""]
            connection.sendall("\r\n".join(head).encode())
            connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").read()

    def test_unsigned_call_is_refused(self, core: LocalIotCore) -> None:
        assert b" 403 " in self.ask(core).splitlines()[0]

    def test_call_of_a_web_page_is_refused(self, core: LocalIotCore) -> None:
        assert b"web pages" in self.ask(core, "Origin: https://example.com")

    def test_huge_body_is_refused_unread(self, core: LocalIotCore) -> None:
        assert b" 413 " in self.ask(core, "Content-Length: 999999999").splitlines()[0]

    def test_listens_on_the_loopback_only(self, core: LocalIotCore) -> None:
        assert core.endpoint.endpoint_url.startswith("http://127.0.0.1:")


def test_busy_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        core = LocalIotCore(port=busy.getsockname()[1])
        with pytest.raises(BenchError, match=r"cannot listen on 127\.0\.0\.1"), core:
            pass


def test_two_in_one_process_know_nothing_of_each_other(core: LocalIotCore, iot: Any) -> None:
    iot.create_thing(thingName="of-the-first")
    with LocalIotCore() as other:
        iot.create_thing(thingName="of-the-first-too")
        assert other._control_plane.registry().things == {}

    assert {"of-the-first", "of-the-first-too"} <= set(core._control_plane.registry().things)


def test_nothing_is_left_behind() -> None:
    with LocalIotCore() as core:
        folder = Path(core.endpoint.ca_file).parent
        assert [path.name for path in folder.iterdir() if "key" in path.name] == []

    assert not folder.exists()
    wait_for(lambda: not core._thread.is_alive())


def test_events_go_to_the_file(tmp_path: Path) -> None:
    with LocalIotCore(events_path=tmp_path / "events.jsonl"):
        pass

    events = [json.loads(line)["event"] for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert events == ["started", "stopped"]


@pytest.mark.parametrize(("names", "is_for_it"), [(("10.0.2.2",), True), ((), False)])
def test_certificate_is_for_further_names_only_where_they_are_given(names: tuple[str, ...], *, is_for_it: bool) -> None:
    with LocalIotCore(host_names=names) as core:
        try:
            with dial(core, client_context(core), name="10.0.2.2"):
                accepted = True
        except ssl.SSLCertVerificationError:
            accepted = False
        with dial(core, client_context(core)):
            pass

    assert accepted is is_for_it
