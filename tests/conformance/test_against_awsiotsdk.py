"""The message broker judged by AWS's own SDK, unmodified: MQTT 3.1.1 and 5, client certificate and SigV4."""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from awscrt import auth, mqtt, mqtt5
from awscrt.exceptions import AwsCrtError
from awsiot import iotshadow, mqtt5_client_builder, mqtt_connection_builder

from tests.conformance.local_iot_core_process import ARN, Device, LocalCore, running_local_iot_core

TIMEOUT_S = 20


@pytest.fixture(name="core", scope="module")
def _core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCore]:
    with running_local_iot_core(tmp_path_factory.mktemp("core") / "events.jsonl") as core:
        yield core


class Client3:
    """An MQTT 3.1.1 connection of the SDK."""

    def __init__(self, core: LocalCore, device: Device, **options: Any) -> None:
        self.interrupted = threading.Event()
        self.resumed = threading.Event()
        self.received: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.connection = mqtt_connection_builder.mtls_from_bytes(
            device.certificate_pem.encode(),
            device.key_pem.encode(),
            endpoint=core.endpoint["mqtt_host"],
            port=core.port,
            ca_filepath=core.ca_file,
            client_id=device.name,
            keep_alive_secs=30,
            reconnect_min_timeout_secs=1,
            reconnect_max_timeout_secs=1,
            on_connection_interrupted=lambda **_: self.interrupted.set(),
            on_connection_resumed=lambda **_: self.resumed.set(),
            **{"clean_session": True} | options,
        )

    def __enter__(self) -> Self:
        self.connection.connect().result(TIMEOUT_S)
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.disconnect().result(TIMEOUT_S)

    def subscribe(self, topic_filter: str, qos: mqtt.QoS = mqtt.QoS.AT_LEAST_ONCE) -> None:
        future, _ = self.connection.subscribe(
            topic_filter, qos, lambda topic, payload, **_: self.received.put((topic, payload))
        )
        future.result(TIMEOUT_S)

    def publish(self, topic: str, payload: bytes, qos: mqtt.QoS = mqtt.QoS.AT_LEAST_ONCE, **options: Any) -> Any:
        return self.connection.publish(topic, payload, qos, **options)[0]


class TestMqtt3:
    @pytest.mark.parametrize("qos", [mqtt.QoS.AT_MOST_ONCE, mqtt.QoS.AT_LEAST_ONCE])
    def test_message_comes_back(self, core: LocalCore, qos: mqtt.QoS) -> None:
        device = core.provision()
        with Client3(core, device) as client:
            client.subscribe(f"{device.name}/in", qos)
            client.publish(f"{device.name}/in", b"hello", qos).result(TIMEOUT_S)

            assert client.received.get(timeout=TIMEOUT_S) == (f"{device.name}/in", b"hello")

    def test_hundred_kilobytes_come_back(self, core: LocalCore) -> None:
        device, payload = core.provision(), bytes(range(256)) * 400
        with Client3(core, device) as client:
            client.subscribe(f"{device.name}/in")
            client.publish(f"{device.name}/in", payload).result(TIMEOUT_S)

            assert client.received.get(timeout=TIMEOUT_S)[1] == payload

    def test_foreign_topic_hangs_up_and_the_reason_is_recorded(self, core: LocalCore) -> None:
        device = core.provision()
        with Client3(core, device) as client:
            client.publish("foreign", b"x", mqtt.QoS.AT_MOST_ONCE)

            assert client.interrupted.wait(TIMEOUT_S)

        assert core.reasons("publish_refused", device.name) == [f"no policy allows iot:Publish on {ARN}:topic/foreign"]

    def test_foreign_filter_hangs_up_without_suback(self, core: LocalCore) -> None:
        device = core.provision()
        with Client3(core, device) as client:
            client.connection.subscribe("foreign", mqtt.QoS.AT_MOST_ONCE)

            assert client.interrupted.wait(TIMEOUT_S)

        reason = f"no policy allows iot:Subscribe on {ARN}:topicfilter/foreign"
        assert core.reasons("subscribe_refused", device.name)[0] == reason

    def test_inactive_certificate_is_refused(self, core: LocalCore) -> None:
        device = core.provision(active=False)

        with pytest.raises(AwsCrtError, match="UNEXPECTED_HANGUP"), Client3(core, device):
            pass

        assert core.reasons("connect_refused", device.name)[0] == f"certificate {device.certificate_id} is INACTIVE"

    def test_deactivation_hangs_up(self, core: LocalCore) -> None:
        device = core.provision()
        with Client3(core, device) as client:
            core.client().update_certificate(certificateId=device.certificate_id, newStatus="INACTIVE")

            assert client.interrupted.wait(TIMEOUT_S)

    def test_persistent_session_keeps_messages(self, core: LocalCore) -> None:
        device, sender = core.provision(), core.provision(statements=[ALLOW_ALL])
        with Client3(core, device, clean_session=False) as client:
            client.subscribe(f"{device.name}/in")
        with Client3(core, sender) as client:
            client.publish(f"{device.name}/in", b"kept").result(TIMEOUT_S)

        returned = Client3(core, device, clean_session=False)
        returned.connection.on_message(lambda topic, payload, **_: returned.received.put((topic, payload)))
        threading.Event().wait(1.1)  # AWS takes one CONNECT a second of a client id
        assert returned.connection.connect().result(TIMEOUT_S) == {"session_present": True}
        assert returned.received.get(timeout=TIMEOUT_S) == (f"{device.name}/in", b"kept")
        returned.connection.disconnect().result(TIMEOUT_S)

    def test_shadow_client_gets_document_and_delta(self, core: LocalCore) -> None:
        """The calls of AWS's shadow sample."""
        device = core.provision(statements=[ALLOW_ALL])
        with Client3(core, device) as client:
            shadow = iotshadow.IotShadowClient(client.connection)
            accepted: queue.Queue[Any] = queue.Queue()
            delta: queue.Queue[Any] = queue.Queue()
            shadow.subscribe_to_update_shadow_accepted(
                iotshadow.UpdateShadowSubscriptionRequest(thing_name=device.name), mqtt.QoS.AT_LEAST_ONCE, accepted.put
            )[0].result(TIMEOUT_S)
            shadow.subscribe_to_shadow_delta_updated_events(
                iotshadow.ShadowDeltaUpdatedSubscriptionRequest(thing_name=device.name),
                mqtt.QoS.AT_LEAST_ONCE,
                delta.put,
            )[0].result(TIMEOUT_S)

            state = iotshadow.ShadowState(desired={"color": "red"})
            request = iotshadow.UpdateShadowRequest(thing_name=device.name, state=state, client_token="token")
            shadow.publish_update_shadow(request, mqtt.QoS.AT_LEAST_ONCE).result(TIMEOUT_S)

            answer = accepted.get(timeout=TIMEOUT_S)
            assert (answer.version, answer.client_token, answer.state.desired) == (1, "token", {"color": "red"})
            assert delta.get(timeout=TIMEOUT_S).state == {"color": "red"}


ALLOW_ALL = {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}


class TestWebSocket:
    def connection(self, core: LocalCore, secret: str, client_id: str) -> Any:
        provider = auth.AwsCredentialsProvider.new_static(core.endpoint["access_key_id"], secret)
        return mqtt_connection_builder.websockets_with_default_aws_signing(
            "us-east-1",
            provider,
            endpoint="localhost",
            port=core.port,
            ca_filepath=core.ca_file,
            client_id=client_id,
            clean_session=True,
        )

    def test_observer_without_certificate_sees_presence_and_messages(self, core: LocalCore) -> None:
        device = core.provision()
        received: queue.Queue[str] = queue.Queue()
        observer = self.connection(core, core.endpoint["secret_access_key"], f"observer-{device.name}")
        observer.connect().result(TIMEOUT_S)
        for topic_filter in (f"$aws/events/presence/+/{device.name}", f"{device.name}/#"):
            future, _ = observer.subscribe(topic_filter, mqtt.QoS.AT_LEAST_ONCE, lambda topic, **_: received.put(topic))
            future.result(TIMEOUT_S)

        with Client3(core, device) as client:
            client.publish(f"{device.name}/out", b"x").result(TIMEOUT_S)

        topics = [received.get(timeout=TIMEOUT_S) for _ in range(3)]
        assert topics == [
            f"$aws/events/presence/connected/{device.name}",
            f"{device.name}/out",
            f"$aws/events/presence/disconnected/{device.name}",
        ]
        observer.disconnect().result(TIMEOUT_S)

    def test_wrong_secret_is_refused(self, core: LocalCore) -> None:
        with pytest.raises(AwsCrtError, match="WEBSOCKET_UPGRADE_FAILURE"):
            self.connection(core, "wrong", "intruder").connect().result(TIMEOUT_S)


class Client5:
    """An MQTT 5 client of the SDK."""

    def __init__(self, core: LocalCore, device: Device, *, client_id: str | None = None, **options: Any) -> None:
        self.connected: queue.Queue[Any] = queue.Queue()
        self.failed: queue.Queue[Any] = queue.Queue()
        self.disconnected: queue.Queue[Any] = queue.Queue()
        self.received: queue.Queue[Any] = queue.Queue()
        self.stopped = threading.Event()
        self.client = mqtt5_client_builder.mtls_from_bytes(
            device.certificate_pem.encode(),
            device.key_pem.encode(),
            endpoint="localhost",
            port=core.port,
            ca_filepath=core.ca_file,
            connect_options=mqtt5.ConnectPacket(
                client_id=client_id or device.name, keep_alive_interval_sec=30, **options
            ),
            on_lifecycle_connection_success=self.connected.put,
            on_lifecycle_connection_failure=self.failed.put,
            on_lifecycle_disconnection=self.disconnected.put,
            on_lifecycle_stopped=lambda _: self.stopped.set(),
            on_publish_received=lambda data: self.received.put(data.publish_packet),
        )

    def __enter__(self) -> Self:
        self.client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop()
        assert self.stopped.wait(TIMEOUT_S)

    def subscribe(self, topic_filter: str) -> list[Any]:
        subscription = mqtt5.Subscription(topic_filter, mqtt5.QoS.AT_LEAST_ONCE)
        suback = self.client.subscribe(mqtt5.SubscribePacket(subscriptions=[subscription])).result(TIMEOUT_S)
        return list(suback.reason_codes)

    def publish(self, topic: str, payload: bytes = b"x", **options: Any) -> Any:
        packet = mqtt5.PublishPacket(topic=topic, payload=payload, qos=mqtt5.QoS.AT_LEAST_ONCE, **options)
        return self.client.publish(packet).result(TIMEOUT_S).puback.reason_code


class TestMqtt5:
    def test_terms_are_those_of_aws(self, core: LocalCore) -> None:
        with Client5(core, core.provision()) as client:
            settings = client.connected.get(timeout=TIMEOUT_S).negotiated_settings

        assert settings.maximum_qos == mqtt5.QoS.AT_LEAST_ONCE
        assert settings.receive_maximum_from_server == 100
        assert settings.topic_alias_maximum_to_server == 8
        assert settings.server_keep_alive_sec == 30
        assert settings.retain_available
        assert not settings.subscription_identifiers_available

    def test_message_comes_back_with_its_properties(self, core: LocalCore) -> None:
        device = core.provision()
        with Client5(core, device) as client:
            assert client.subscribe(f"{device.name}/in") == [mqtt5.SubackReasonCode.GRANTED_QOS_1]
            code = client.publish(
                f"{device.name}/in", b"hello", user_properties=[mqtt5.UserProperty("k", "v")], content_type="text/plain"
            )
            message = client.received.get(timeout=TIMEOUT_S)

        assert code == mqtt5.PubackReasonCode.SUCCESS
        assert (message.payload, message.content_type) == (b"hello", "text/plain")
        assert [(item.name, item.value) for item in message.user_properties] == [("k", "v")]

    def test_foreign_topic_and_filter_are_not_authorized_and_the_client_stays(self, core: LocalCore) -> None:
        device = core.provision()
        with Client5(core, device) as client:
            assert client.publish("foreign") == mqtt5.PubackReasonCode.NOT_AUTHORIZED
            assert client.subscribe("foreign") == [mqtt5.SubackReasonCode.NOT_AUTHORIZED]
            assert client.publish(f"{device.name}/in") == mqtt5.PubackReasonCode.SUCCESS

    def test_inactive_certificate_hears_not_authorized(self, core: LocalCore) -> None:
        with Client5(core, core.provision(active=False)) as client:
            failure = client.failed.get(timeout=TIMEOUT_S)

        assert failure.connack_packet.reason_code == mqtt5.ConnectReasonCode.NOT_AUTHORIZED

    def test_second_client_takes_over(self, core: LocalCore) -> None:
        device = core.provision()
        with Client5(core, device) as first:
            first.connected.get(timeout=TIMEOUT_S)
            threading.Event().wait(1.1)  # AWS takes one CONNECT a second of a client id
            with Client5(core, device):
                ended = first.disconnected.get(timeout=TIMEOUT_S)

        assert ended.disconnect_packet.reason_code == mqtt5.DisconnectReasonCode.SESSION_TAKEN_OVER


def test_private_key_is_in_no_event(core: LocalCore) -> None:
    core.provision()

    assert "PRIVATE KEY" not in Path(core.events_path).read_text()
