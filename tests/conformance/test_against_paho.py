"""The message broker judged by Eclipse paho, which shares no code with AWS's SDK."""

import queue
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from tests.conformance.local_iot_core_process import Device, LocalCore, running_local_iot_core

TIMEOUT_S = 20
PROTOCOLS = [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5]


@pytest.fixture(name="core", scope="module")
def _core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCore]:
    with running_local_iot_core(tmp_path_factory.mktemp("core") / "events.jsonl") as core:
        yield core


class Paho:
    """A paho client with queues instead of callbacks."""

    def __init__(self, core: LocalCore, device: Device, folder: Path, protocol: MQTTProtocolVersion) -> None:
        self.connected: queue.Queue[Any] = queue.Queue()
        self.disconnected: queue.Queue[Any] = queue.Queue()
        self.subscribed: queue.Queue[list[int]] = queue.Queue()
        self.received: queue.Queue[MQTTMessage] = queue.Queue()
        self.published: queue.Queue[Any] = queue.Queue()
        self.client = Client(CallbackAPIVersion.VERSION2, device.name, protocol=protocol)
        certificate, key = folder / f"{device.name}.pem", folder / f"{device.name}.key"
        certificate.write_text(device.certificate_pem)
        key.write_text(device.key_pem)
        self.client.tls_set(core.ca_file, str(certificate), str(key))
        self.client.on_connect = lambda _c, _u, flags, code, _p: self.connected.put((code.value, flags.session_present))
        self.client.on_disconnect = lambda _c, _u, _f, code, _p: self.disconnected.put(code.value)
        self.client.on_subscribe = lambda _c, _u, _m, codes, _p: self.subscribed.put([code.value for code in codes])
        self.client.on_publish = lambda _c, _u, _m, code, _p: self.published.put(code.value)
        self.client.on_message = lambda _c, _u, message: self.received.put(message)
        self._port = core.port

    def __enter__(self) -> Self:
        self.client.connect("localhost", self._port, keepalive=30)
        self.client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
@pytest.mark.parametrize("qos", [0, 1])
def test_message_comes_back(core: LocalCore, tmp_path: Path, protocol: MQTTProtocolVersion, qos: int) -> None:
    device = core.provision()
    with Paho(core, device, tmp_path, protocol) as paho:
        assert paho.connected.get(timeout=TIMEOUT_S) == (0, False)
        paho.client.subscribe(f"{device.name}/#", qos)
        assert paho.subscribed.get(timeout=TIMEOUT_S) == [qos]
        paho.client.publish(f"{device.name}/in", b"hello", qos)

        message = paho.received.get(timeout=TIMEOUT_S)

    assert (message.topic, message.payload, message.qos) == (f"{device.name}/in", b"hello", qos)


def test_mqtt_3_client_is_hung_up_on_for_a_foreign_filter(core: LocalCore, tmp_path: Path) -> None:
    device = core.provision()
    with Paho(core, device, tmp_path, MQTTProtocolVersion.MQTTv311) as paho:
        paho.connected.get(timeout=TIMEOUT_S)
        paho.client.subscribe("foreign")

        paho.disconnected.get(timeout=TIMEOUT_S)
        assert paho.subscribed.empty()


def test_mqtt_5_client_hears_why(core: LocalCore, tmp_path: Path) -> None:
    device = core.provision()
    with Paho(core, device, tmp_path, MQTTProtocolVersion.MQTTv5) as paho:
        paho.connected.get(timeout=TIMEOUT_S)
        paho.client.subscribe([("foreign", SubscribeOptions(1)), (f"{device.name}/a", SubscribeOptions(1))])
        assert paho.subscribed.get(timeout=TIMEOUT_S) == [0x87, 1]
        paho.client.publish("foreign", b"x", 1)

        assert paho.published.get(timeout=TIMEOUT_S) == 0x87


def test_mqtt_5_inactive_certificate_hears_why(core: LocalCore, tmp_path: Path) -> None:
    with Paho(core, core.provision(active=False), tmp_path, MQTTProtocolVersion.MQTTv5) as paho:
        assert paho.connected.get(timeout=TIMEOUT_S)[0] == 0x87


def test_topic_alias_and_expiry_are_taken(core: LocalCore, tmp_path: Path) -> None:
    device = core.provision()
    with Paho(core, device, tmp_path, MQTTProtocolVersion.MQTTv5) as paho:
        paho.connected.get(timeout=TIMEOUT_S)
        paho.client.subscribe(f"{device.name}/in")
        paho.subscribed.get(timeout=TIMEOUT_S)
        make_properties: Any = Properties  # untyped in paho
        properties = make_properties(PacketTypes.PUBLISH)
        properties.TopicAlias = 1
        properties.MessageExpiryInterval = 60
        paho.client.publish(f"{device.name}/in", b"x", 0, properties=properties)

        message = paho.received.get(timeout=TIMEOUT_S)

    received: Any = message.properties
    assert received.MessageExpiryInterval <= 60


def test_lost_client_leaves_its_will(core: LocalCore, tmp_path: Path) -> None:
    device, reader = core.provision(), core.provision(statements=[{"Effect": "Allow", "Action": "*", "Resource": "*"}])
    with Paho(core, reader, tmp_path, MQTTProtocolVersion.MQTTv311) as watching:
        watching.connected.get(timeout=TIMEOUT_S)
        watching.client.subscribe(f"{device.name}/will")
        watching.subscribed.get(timeout=TIMEOUT_S)
        lost = Paho(core, device, tmp_path, MQTTProtocolVersion.MQTTv311)
        lost.client.will_set(f"{device.name}/will", b"gone")
        with lost:
            lost.connected.get(timeout=TIMEOUT_S)
            carrier = lost.client.socket()
            assert isinstance(carrier, socket.socket)
            carrier.shutdown(socket.SHUT_RDWR)

            assert watching.received.get(timeout=TIMEOUT_S).payload == b"gone"
