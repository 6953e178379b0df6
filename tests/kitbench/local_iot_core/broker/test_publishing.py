"""PUBLISH: what is taken, discarded, refused and hung up on, on MQTT 3.1.1 and 5."""

import pytest

from kitbench.local_iot_core.broker.events import EventKind
from kitbench.local_iot_core.broker.limits import Limits
from kitbench.local_iot_core.mqtt.mqtt_packets import MQTT_3_1_1, MQTT_5, Connect, Disconnect, Puback, Publish, Reason
from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from tests.kitbench.local_iot_core.broker_rig import allow, arn, deny, rig

CONNECT = allow("iot:Connect", "*")
SUBSCRIBE = allow("iot:Subscribe", "*")
RECEIVE = allow("iot:Receive", "*")


class TestDelivery:
    @pytest.mark.parametrize("level", [MQTT_3_1_1, MQTT_5])
    @pytest.mark.parametrize(("published", "subscribed", "delivered"), [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 1)])
    def test_qos_is_the_lower_one(self, level: int, published: int, subscribed: int, delivered: int) -> None:
        made = rig()
        client = made.connect(level=level)
        client.subscribe("a", qos=subscribed)

        packets = client.publish("a", qos=published)

        [message] = [packet for packet in packets if isinstance(packet, Publish)]
        assert message.qos == delivered
        assert sum(isinstance(packet, Puback) for packet in packets) == published

    def test_mqtt_3_publisher_reaches_mqtt_5_subscriber(self) -> None:
        made = rig()
        old, new = made.connect("old"), made.connect("new", level=MQTT_5)
        new.subscribe("a")

        old.publish("a", b"payload")

        assert [message.payload for message in new.messages()] == [b"payload"]

    def test_user_properties_go_on_to_the_subscriber(self) -> None:
        made = rig()
        client = made.connect(level=MQTT_5)
        client.subscribe("a")

        packets = client.publish("a", properties={Property.USER_PROPERTY: [("k", "v")], Property.CONTENT_TYPE: "text"})

        [message] = [packet for packet in packets if isinstance(packet, Publish)]
        assert message.properties == {Property.USER_PROPERTY: [("k", "v")], Property.CONTENT_TYPE: "text"}

    def test_expired_message_is_not_delivered(self) -> None:
        made = rig()
        away = made.connect("away", clean=False)
        away.subscribe("a", qos=1)
        away.connection.lost()
        sender = made.connect("sender", level=MQTT_5)
        sender.publish("a", b"stale", qos=1, properties={Property.MESSAGE_EXPIRY_INTERVAL: 10})
        sender.publish("a", b"fresh", qos=1, properties={Property.MESSAGE_EXPIRY_INTERVAL: 1000})

        made.pass_s(20)

        back = made.open()
        packets = back.send(connect_again())
        assert [packet.payload for packet in packets if isinstance(packet, Publish)] == [b"fresh"]

    def test_basic_ingest_reaches_no_subscriber(self) -> None:
        client = rig().connect()
        client.subscribe("$aws/rules/#")

        assert client.publish("$aws/rules/rule/a", qos=1) == [Puback(7)]


def connect_again() -> Connect:
    return Connect(MQTT_3_1_1, "away", clean_start=False, keep_alive_s=60)


class TestRefusal:
    def test_mqtt_3_is_hung_up_on_without_puback(self) -> None:
        made = rig(CONNECT, allow("iot:Publish", "topic/mine"))
        client = made.connect()

        assert client.publish("foreign", qos=1) == []

        assert not client.is_open
        assert made.reasons(EventKind.PUBLISH_REFUSED) == [f"no policy allows iot:Publish on {arn('topic/foreign')}"]

    def test_mqtt_5_hears_not_authorized_and_stays(self) -> None:
        made = rig(CONNECT, allow("iot:Publish", "topic/mine"))
        client = made.connect(level=MQTT_5)

        assert client.publish("foreign", qos=1) == [Puback(7, Reason.NOT_AUTHORIZED)]
        assert client.is_open
        assert client.publish("mine", qos=1) == [Puback(7)]

    def test_mqtt_5_with_qos_0_is_disconnected_with_the_reason(self) -> None:
        client = rig(CONNECT).connect(level=MQTT_5)

        assert client.publish("foreign") == [Disconnect(Reason.NOT_AUTHORIZED)]
        assert not client.is_open

    def test_refused_message_reaches_nobody(self) -> None:
        made = rig(CONNECT, SUBSCRIBE, RECEIVE)
        reader = made.connect("reader")
        reader.subscribe("#")

        made.connect("kit").publish("foreign")

        assert reader.messages() == []

    def test_receive_is_judged_per_message(self) -> None:
        made = rig(CONNECT, SUBSCRIBE, allow("iot:Publish", "*"), allow("iot:Receive", "topic/a/1"))
        client = made.connect()
        client.subscribe("a/#")

        client.publish("a/2")
        packets = client.publish("a/1")

        assert [packet.topic for packet in packets if isinstance(packet, Publish)] == ["a/1"]
        assert made.reasons(EventKind.DELIVERY_REFUSED) == [f"no policy allows iot:Receive on {arn('topic/a/2')}"]

    def test_explicit_deny_wins(self) -> None:
        client = rig(CONNECT, allow("iot:Publish", "*"), deny("iot:Publish", "topic/secret/*")).connect()

        client.publish("secret/1")

        assert not client.is_open

    def test_retained_publish_needs_its_own_permission(self) -> None:
        made = rig(CONNECT, allow("iot:Publish", "*"))
        client = made.connect()

        client.publish("a", retain=True)

        assert not client.is_open
        assert "iot:RetainPublish" in made.reasons(EventKind.PUBLISH_REFUSED)[0]


class TestLimits:
    @pytest.mark.parametrize("level", [MQTT_3_1_1, MQTT_5])
    def test_too_large_payload_disconnects(self, level: int) -> None:
        made = rig()
        client = made.connect(level=level)

        assert Puback(7) in client.publish("a", bytes(128 * 1024), qos=1)
        client.publish("a", bytes(128 * 1024 + 1), qos=1)

        assert not client.is_open

    def test_qos_2_disconnects(self) -> None:
        client = rig().connect(level=MQTT_5)

        assert client.publish("a", qos=2) == [Disconnect(Reason.QOS_NOT_SUPPORTED)]
        assert not client.is_open

    @pytest.mark.parametrize("topic", ["a/b/c/d/e/f/g/h/i", "t" * 257, "a/+", "a/#", "$SYS/x", "$aws/events/x"])
    def test_bad_topic_disconnects(self, topic: str) -> None:
        client = rig().connect()

        client.publish(topic)

        assert not client.is_open

    @pytest.mark.parametrize("topic", ["defender/metrics/json", "streams/s1/get/json", "shadows/get", "anything"])
    def test_service_that_is_not_modelled_is_no_silence(self, topic: str) -> None:
        client = rig().connect()

        client.publish(f"$aws/things/kit/{topic}")

        assert not client.is_open

    def test_reserved_topic_retains_nothing(self) -> None:
        client = rig().connect()

        client.publish("$aws/rules/r/a", retain=True)

        assert not client.is_open

    @pytest.mark.parametrize("topic", ["a/b/c/d/e/f/g/h", "t" * 256, "$aws/rules/r/a/b/c/d/e/f/g/h"])
    def test_topic_at_the_limit_is_taken(self, topic: str) -> None:
        assert rig().connect().publish(topic, qos=1) == [Puback(7)]

    def test_excess_over_100_a_second_is_discarded_without_answer(self) -> None:
        made = rig()
        client = made.connect()

        answers = [client.publish("a", qos=1) for _ in range(101)]

        assert answers == [[Puback(7)]] * 100 + [[]]
        assert client.is_open
        made.now_s += 1
        assert client.publish("a", qos=1) == [Puback(7)]

    def test_excess_over_512_kib_a_second_is_discarded(self) -> None:
        made = rig()
        client = made.connect()

        answers = [client.publish("a", bytes(100 * 1024), qos=1) for _ in range(6)]

        assert answers == [[Puback(7)]] * 5 + [[]]
        assert made.events.of(EventKind.DISCARDED)

    def test_limits_can_be_lifted(self) -> None:
        client = rig(limits=Limits(publishes_per_s=None)).connect()

        assert all(client.publish("a", qos=1) == [Puback(7)] for _ in range(300))


class TestTopicAlias:
    def test_alias_stands_for_the_topic(self) -> None:
        client = rig().connect(level=MQTT_5)
        client.subscribe("a/b")

        client.publish("a/b", properties={Property.TOPIC_ALIAS: 3})
        packets = client.publish("", properties={Property.TOPIC_ALIAS: 3})

        assert [packet.topic for packet in packets if isinstance(packet, Publish)] == ["a/b"]

    @pytest.mark.parametrize(("alias", "code"), [(0, 0x94), (9, 0x94), (5, 0x82)], ids=["zero", "too large", "unknown"])
    def test_bad_alias_disconnects(self, alias: int, code: int) -> None:
        client = rig().connect(level=MQTT_5)

        assert client.publish("", properties={Property.TOPIC_ALIAS: alias}) == [Disconnect(code)]
