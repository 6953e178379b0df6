"""A device of paho's on the local IoT core, for tests that look at the wire."""

import queue
import ssl
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.conformance.local_iot_core_process import Device, LocalCore


class MqttClient:
    """A connection with the device's certificate, or one that was refused.

    Args:
        core: where to.
        device: who; its name is the client id.
        subscribe: a topic filter, subscribed before the block begins.
    """

    def __init__(self, core: LocalCore, device: Device, *, subscribe: str = "") -> None:
        self.is_connected = False
        self._messages: queue.Queue[bytes] = queue.Queue()
        self._events: queue.Queue[str] = queue.Queue()
        self._filter = subscribe
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=device.name)
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
            certificate.write_text(device.certificate_pem)
            key.write_text(device.key_pem)
            self._client.tls_set(core.ca_file, str(certificate), str(key), tls_version=ssl.PROTOCOL_TLS_CLIENT)
        self._client.on_connect = lambda *_: self._events.put("connected")
        self._client.on_disconnect = lambda *_: self._events.put("closed")
        self._client.on_subscribe = lambda *_: self._events.put("subscribed")
        self._client.on_message = self._take
        self._client.connect("localhost", core.port)

    def _take(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        self._messages.put(bytes(message.payload))

    def __enter__(self) -> Self:
        self._client.loop_start()
        self.is_connected = self._events.get(timeout=20) == "connected"
        if self.is_connected and self._filter:
            self._client.subscribe(self._filter, qos=1)
            assert self._events.get(timeout=20) == "subscribed"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 0."""
        self._client.publish(topic, payload)

    def next_payload(self) -> bytes:
        """Return the payload of the next message."""
        return self._messages.get(timeout=20)

    @property
    def unread(self) -> int:
        """How many messages have come that nobody read."""
        return self._messages.qsize()
