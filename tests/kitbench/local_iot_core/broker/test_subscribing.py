"""SUBSCRIBE and UNSUBSCRIBE, retained messages and shared subscriptions."""

import pytest

from kitbench.local_iot_core.broker.events import EventKind
from kitbench.local_iot_core.mqtt.mqtt_packets import (
    MQTT_3_1_1,
    MQTT_5,
    Disconnect,
    Puback,
    Publish,
    Reason,
    Suback,
    Subscribe,
    SubscriptionRequest,
    Unsuback,
    Unsubscribe,
)
from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from tests.kitbench.local_iot_core.broker_rig import allow, arn, rig

CONNECT = allow("iot:Connect", "*")


class TestAuthorisation:
    def test_mqtt_3_is_hung_up_on_without_suback(self) -> None:
        made = rig(CONNECT, allow("iot:Subscribe", "topicfilter/mine"))
        client = made.connect()

        assert client.subscribe("mine", "foreign") == []

        assert not client.is_open
        reason = f"no policy allows iot:Subscribe on {arn('topicfilter/foreign')}"
        assert made.reasons(EventKind.SUBSCRIBE_REFUSED) == [reason]

    def test_mqtt_5_hears_a_code_per_filter_and_stays(self) -> None:
        client = rig(CONNECT, allow("iot:Subscribe", "topicfilter/mine")).connect(level=MQTT_5)

        assert client.codes("mine", "foreign", qos=1) == (1, Reason.NOT_AUTHORIZED)
        assert client.is_open

    def test_wildcard_of_mqtt_is_literal_in_a_policy(self) -> None:
        made = rig(CONNECT, allow("iot:Subscribe", "topicfilter/a/+"))

        assert made.connect("one", level=MQTT_5).codes("a/+", "a/b") == (0, Reason.NOT_AUTHORIZED)

    def test_wildcard_of_a_policy_crosses_levels(self) -> None:
        client = rig(CONNECT, allow("iot:Subscribe", "topicfilter/a/*")).connect(level=MQTT_5)

        assert client.codes("a/b/c/#", "a/", "b") == (0, 0, Reason.NOT_AUTHORIZED)


class TestLimits:
    def test_ninth_filter_of_a_subscribe_disconnects(self) -> None:
        made = rig()

        assert made.connect("one").codes(*"abcdefgh") == (0,) * 8
        client = made.connect("two", level=MQTT_5)
        assert client.subscribe(*"abcdefghi") == [Disconnect(Reason.QUOTA_EXCEEDED)]

    @pytest.mark.parametrize("level", [MQTT_3_1_1, MQTT_5])
    def test_fifty_first_subscription_is_refused(self, level: int) -> None:
        made = rig()
        client = made.connect(level=level)
        for number in range(50):
            assert client.codes(f"t/{number}") == (0,)
        assert client.codes("t/0") == (0,)

        packets = client.subscribe("t/50")

        if level == MQTT_5:
            assert packets == [Suback(1, (Reason.QUOTA_EXCEEDED,))]
        assert client.is_open == (level == MQTT_5)

    def test_qos_2_disconnects_without_suback(self) -> None:
        client = rig().connect()

        assert client.subscribe("a", qos=2) == []
        assert not client.is_open

    @pytest.mark.parametrize(
        "topic_filter", ["a/b/c/d/e/f/g/h/i", "t" * 257, "a#", "#/a", "a+/b", "$share/g", "$share//a"]
    )
    def test_bad_filter_is_refused(self, topic_filter: str) -> None:
        made = rig()

        assert made.connect("new", level=MQTT_5).codes(topic_filter) == (Reason.TOPIC_FILTER_INVALID,)
        old = made.connect("old")
        old.subscribe(topic_filter)
        assert not old.is_open

    def test_subscription_identifier_is_refused(self) -> None:
        client = rig().connect(level=MQTT_5)
        subscribe = Subscribe(1, (SubscriptionRequest("a", 0),), {Property.SUBSCRIPTION_IDENTIFIER: 5})

        assert client.send(subscribe) == [Disconnect(Reason.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED)]


class TestUnsubscribe:
    def test_nothing_comes_afterwards(self) -> None:
        client = rig().connect(level=MQTT_5)
        client.subscribe("a")

        answer = client.send(Unsubscribe(2, ("a", "b")))

        assert answer == [Unsuback(2, (Reason.SUCCESS, Reason.NO_SUBSCRIPTION_EXISTED))]
        assert client.publish("a", qos=1) == [Puback(7)]


class TestOptions:
    def test_no_local_keeps_own_messages_away(self) -> None:
        made = rig()
        client = made.connect(level=MQTT_5)
        client.subscribe("a", no_local=True)

        assert client.publish("a") == []
        made.connect("other").publish("a")
        assert len(client.messages()) == 1

    @pytest.mark.parametrize(("handling", "first", "again"), [(0, 1, 1), (1, 1, 0), (2, 0, 0)])
    def test_retain_handling_says_when_retained_messages_come(self, handling: int, first: int, again: int) -> None:
        client = rig().connect(level=MQTT_5)
        client.publish("a", retain=True)

        counts = [
            sum(isinstance(packet, Publish) for packet in client.subscribe("a", retain_handling=handling))
            for _ in range(2)
        ]

        assert counts == [first, again]


class TestRetained:
    @pytest.mark.parametrize("qos", [0, 1])
    def test_last_message_comes_with_the_retain_flag(self, qos: int) -> None:
        made = rig()
        sender = made.connect("sender")
        sender.publish("a/b", b"old", qos=qos, retain=True)
        sender.publish("a/b", b"new", qos=qos, retain=True)

        packets = made.connect("reader").subscribe("a/b", qos=qos)

        [message] = [packet for packet in packets if isinstance(packet, Publish)]
        assert (message.payload, message.retain, message.qos) == (b"new", True, qos)

    @pytest.mark.parametrize("topic_filter", ["a/+", "a/#", "#"])
    def test_wildcard_gets_nothing_retained(self, topic_filter: str) -> None:
        client = rig().connect()
        client.publish("a/b", retain=True)

        assert client.subscribe(topic_filter) == [Suback(1, (0,))]

    def test_live_message_comes_without_the_retain_flag(self) -> None:
        client = rig().connect()
        client.subscribe("a")

        [message] = client.publish("a", retain=True)

        assert isinstance(message, Publish)
        assert not message.retain

    def test_empty_payload_clears(self) -> None:
        client = rig().connect()
        client.publish("a", b"old", retain=True)
        client.publish("a", b"", retain=True)

        assert client.subscribe("a") == [Suback(1, (0,))]

    def test_receive_is_judged_for_retained_messages(self) -> None:
        made = rig(CONNECT, allow("iot:Publish", "*"), allow("iot:RetainPublish", "*"), allow("iot:Subscribe", "*"))
        client = made.connect()
        client.publish("a", retain=True)

        assert client.subscribe("a") == [Suback(1, (0,))]

    def test_shared_group_gets_nothing_retained(self) -> None:
        client = rig().connect()
        client.publish("a", retain=True)

        assert client.subscribe("$share/g/a") == [Suback(1, (0,))]


class TestShared:
    def test_one_member_of_the_group_gets_each_message(self) -> None:
        made = rig()
        members = [made.connect(f"member-{number}") for number in range(3)]
        for member in members:
            member.subscribe("$share/group/a/#")
        sender = made.connect("sender")

        for _ in range(20):
            sender.publish("a/b")

        assert sum(len(member.messages()) for member in members) == 20

    def test_group_and_plain_subscriber_each_get_it(self) -> None:
        made = rig()
        one, two = made.connect("one"), made.connect("two")
        one.subscribe("$share/group/a")
        two.subscribe("a")

        made.connect("sender").publish("a")

        assert (len(one.messages()), len(two.messages())) == (1, 1)
