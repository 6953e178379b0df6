"""A connection's life: keep-alive, take-over, last will, persistent session, presence, slow and hostile clients."""

import json
from typing import Any

import pytest

from kitbench.local_iot_core.broker.client import BACKLOG_FATAL, BACKLOG_FULL
from kitbench.local_iot_core.broker.events import EventKind
from kitbench.local_iot_core.broker.limits import Limits
from kitbench.local_iot_core.mqtt.mqtt_packets import (
    MQTT_3_1_1,
    MQTT_5,
    Connack,
    Connect,
    Disconnect,
    Pingreq,
    Pingresp,
    Puback,
    Publish,
    Reason,
    Will,
)
from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from kitbench.local_iot_core.policies.policy import Policy
from tests.kitbench.local_iot_core.broker_rig import BrokerRig, Client, allow, rig

RESTRICTED = Policy("restricted", (allow("iot:Connect", "*"), allow("iot:Publish", "topic/a/*")))
WILL = Will("will", b"gone", 0, retain=False)


def presence_of(watcher: Client) -> list[dict[str, Any]]:
    """Return the lifecycle events that a subscriber got."""
    return [json.loads(message.payload) for message in watcher.messages()]


def watching(made: BrokerRig, *topic_filters: str) -> Client:
    watcher = made.connect("watcher", keep_alive_s=1200)
    watcher.subscribe(*(topic_filters or ("$aws/events/presence/#",)))
    watcher.read()
    return watcher


class TestKeepAlive:
    def test_silence_of_one_and_a_half_times_is_cut(self) -> None:
        made = rig()
        client = made.connect(level=MQTT_5, keep_alive_s=40)

        made.pass_s(59)
        assert client.is_open
        made.pass_s(2)

        assert client.read() == [Disconnect(Reason.KEEP_ALIVE_TIMEOUT)]
        assert not client.is_open

    def test_ping_is_answered_and_keeps_alive(self) -> None:
        made = rig()
        client = made.connect(keep_alive_s=30)

        for _ in range(5):
            made.pass_s(40)
            assert client.send(Pingreq()) == [Pingresp()]

        assert client.is_open


class TestTakeOver:
    @pytest.mark.parametrize("level", [MQTT_3_1_1, MQTT_5])
    def test_second_connection_wins(self, level: int) -> None:
        made = rig()
        former = made.connect(level=level)
        made.now_s += 1

        latter = made.connect(level=level)

        assert former.read() == ([Disconnect(Reason.SESSION_TAKEN_OVER)] if level == MQTT_5 else [])
        assert (former.is_open, latter.is_open) == (False, True)

    def test_refused_connection_takes_nothing_over(self) -> None:
        made = rig()
        client = made.connect()
        made.register("c2")

        made.open("c2").send(Connect(MQTT_3_1_1, "kit", clean_start=True, keep_alive_s=60))

        assert client.is_open


class TestWill:
    def test_lost_connection_publishes_it(self) -> None:
        made = rig()
        watcher = watching(made, "will")

        made.connect(will=WILL).connection.lost()

        assert [message.payload for message in watcher.messages()] == [b"gone"]

    def test_disconnect_publishes_nothing(self) -> None:
        made = rig()
        watcher = watching(made, "will")

        made.connect(will=WILL).send(Disconnect())

        assert watcher.messages() == []

    def test_mqtt_5_disconnect_may_ask_for_it(self) -> None:
        made = rig()
        watcher = watching(made, "will")

        made.connect(level=MQTT_5, will=WILL).send(Disconnect(Reason.DISCONNECT_WITH_WILL))

        assert len(watcher.messages()) == 1

    def test_policy_judges_it(self) -> None:
        made = rig(allow("iot:Connect", "*"), allow("iot:Subscribe", "*"), allow("iot:Receive", "*"))
        watcher = watching(made, "will")

        made.connect(will=WILL).connection.lost()

        assert watcher.messages() == []
        assert "last will: no policy allows iot:Publish" in made.reasons(EventKind.PUBLISH_REFUSED)[0]

    def test_retained_will_waits_for_subscribers(self) -> None:
        made = rig()
        made.connect(will=Will("will", b"gone", 0, retain=True)).connection.lost()

        packets = made.connect("late").subscribe("will")

        assert [packet.payload for packet in packets if isinstance(packet, Publish)] == [b"gone"]

    def test_delay_waits_and_return_cancels(self) -> None:
        made = rig()
        watcher = watching(made, "will")
        delayed = Will("will", b"gone", 0, retain=False, properties={Property.WILL_DELAY_INTERVAL: 20})
        expiry = {Property.SESSION_EXPIRY_INTERVAL: 600}

        made.connect(level=MQTT_5, will=delayed, properties=expiry).connection.lost()
        made.pass_s(10)
        returned = made.connect(level=MQTT_5, will=delayed, properties=expiry, clean=False)
        made.pass_s(30)
        assert watcher.messages() == []

        returned.connection.lost()
        made.pass_s(21)
        assert len(watcher.messages()) == 1


class TestPersistentSession:
    def test_messages_wait_for_the_client(self) -> None:
        made = rig()
        client = made.connect(clean=False)
        client.subscribe("a", qos=1)
        client.connection.lost()
        sender = made.connect("sender")
        sender.publish("a", b"kept", qos=1)
        sender.publish("a", b"not kept", qos=0)
        made.now_s += 1

        back = made.open()
        [connack, *packets] = back.send(Connect(MQTT_3_1_1, "kit", clean_start=False, keep_alive_s=60))

        assert connack == Connack(0, session_present=True)
        assert [packet.payload for packet in packets if isinstance(packet, Publish)] == [b"kept"]

    def test_unacknowledged_message_comes_again_as_duplicate(self) -> None:
        made = rig()
        client = made.connect(clean=False)
        client.subscribe("a", qos=1)
        made.connect("sender").publish("a", b"kept", qos=1)
        [first] = client.messages()
        client.connection.lost()
        made.now_s += 1

        back = made.open()
        [_, again] = back.send(Connect(MQTT_3_1_1, "kit", clean_start=False, keep_alive_s=60))

        assert isinstance(again, Publish)
        assert (again.packet_id, again.duplicate, again.payload) == (first.packet_id, True, b"kept")

    def test_stored_messages_come_ten_a_second(self) -> None:
        made = rig()
        made.now_s = 1000.0
        client = made.connect(clean=False)
        client.subscribe("a", qos=1)
        client.connection.lost()
        sender = made.connect("sender")
        for _ in range(25):
            sender.publish("a", qos=1)
        made.now_s += 1

        back = made.open()
        [_, *first] = back.send(Connect(MQTT_3_1_1, "kit", clean_start=False, keep_alive_s=60))

        counts = [len(first)]
        for _ in range(3):
            made.pass_s(1)
            counts.append(len(back.messages()))
        assert counts == [10, 10, 5, 0]

    def test_clean_start_forgets(self) -> None:
        made = rig()
        client = made.connect(clean=False)
        client.subscribe("a", qos=1)
        client.connection.lost()
        made.now_s += 1

        made.connect(clean=True)

        assert made.broker.sessions["kit"].subscriptions == {}

    def test_session_expires_after_an_hour(self) -> None:
        made = rig()
        made.connect(clean=False).connection.lost()

        made.pass_s(3599)
        assert "kit" in made.broker.sessions
        made.pass_s(2)

        assert "kit" not in made.broker.sessions

    def test_mqtt_5_says_how_long_it_lives(self) -> None:
        made = rig()
        client = made.connect(level=MQTT_5, properties={Property.SESSION_EXPIRY_INTERVAL: 100})
        client.connection.lost()

        made.pass_s(99)
        assert "kit" in made.broker.sessions
        made.pass_s(2)

        assert "kit" not in made.broker.sessions

    def test_full_queue_drops_the_oldest_and_records_it(self) -> None:
        made = rig(limits=Limits(queued=2))
        client = made.connect(clean=False)
        client.subscribe("a", qos=1)
        client.connection.lost()
        sender = made.connect("sender")

        for payload in (b"1", b"2", b"3"):
            sender.publish("a", payload, qos=1)

        assert [message.payload for message in made.broker.sessions["kit"].waiting] == [b"2", b"3"]
        assert len(made.events.of(EventKind.DISCARDED)) == 1


class TestWindow:
    def test_at_most_100_unacknowledged_messages_are_on_their_way(self) -> None:
        made = rig(limits=Limits(publishes_per_s=None))
        client = made.connect()
        client.subscribe("a", qos=1)
        sender = made.connect("sender")
        for _ in range(150):
            sender.publish("a", qos=1)

        messages = client.messages()
        assert len(messages) == 100
        for message in messages:
            assert message.packet_id is not None
            client.connection.receive(b"\x40\x02" + message.packet_id.to_bytes(2))

        assert len(client.messages()) == 50

    def test_mqtt_5_client_may_ask_for_fewer(self) -> None:
        made = rig()
        client = made.connect(level=MQTT_5, properties={Property.RECEIVE_MAXIMUM: 2})
        client.subscribe("a", qos=1)
        sender = made.connect("sender")

        for _ in range(5):
            sender.publish("a", qos=1)

        assert len(client.messages()) == 2

    def test_packet_larger_than_the_client_takes_is_discarded(self) -> None:
        made = rig()
        client = made.connect(level=MQTT_5, properties={Property.MAXIMUM_PACKET_SIZE: 50})
        client.subscribe("a")

        client.publish("a", bytes(60))

        assert client.messages() == []
        assert "maximum packet size" in made.reasons(EventKind.DISCARDED)[0]


class TestPresence:
    def test_connect_is_announced(self) -> None:
        made = rig()
        watcher = watching(made)

        made.connect("kit")

        [event] = presence_of(watcher)
        assert event.pop("timestamp") > 1_000_000_000_000
        assert event.pop("sessionIdentifier")
        assert event == {
            "clientId": "kit",
            "eventType": "connected",
            "principalIdentifier": "c1",
            "ipAddress": "127.0.0.1",
            "versionNumber": 0,
        }

    @pytest.mark.parametrize(
        ("end", "reason", "by_client"),
        [
            (lambda made, client: client.send(Disconnect()), "CLIENT_INITIATED_DISCONNECT", True),
            (lambda made, client: client.connection.lost(), "CONNECTION_LOST", False),
            (lambda made, client: made.pass_s(100), "MQTT_KEEP_ALIVE_TIMEOUT", False),
            (lambda made, client: client.publish("a/+"), "CLIENT_ERROR", False),
            (lambda made, client: client.send(Connect(4, "kit", True, 60)), "CLIENT_ERROR", False),
            (lambda made, client: made.delete("c2"), "AUTH_ERROR", False),
            (lambda made, client: client.publish("forbidden"), "AUTH_ERROR", False),
            (lambda made, client: take_over(made), "DUPLICATE_CLIENTID", False),
        ],
        ids=["disconnect", "lost", "silent", "bad topic", "second CONNECT", "deleted", "forbidden", "taken over"],
    )
    def test_end_is_announced_with_its_reason(self, end: Any, reason: str, by_client: bool) -> None:  # noqa: FBT001 - a parameter of pytest
        made = rig()
        made.register("c2", RESTRICTED)
        watcher = watching(made, "$aws/events/presence/disconnected/kit")
        client = made.connect("kit", certificate_id="c2", keep_alive_s=30)

        end(made, client)

        [event] = presence_of(watcher)
        assert (event["disconnectReason"], event["clientInitiatedDisconnect"]) == (reason, by_client)

    def test_version_number_grows_and_begins_again_after_an_hour(self) -> None:
        made = rig()
        watcher = watching(made)
        versions = []
        for away_s in (10, 10, 4000):
            made.connect("kit").send(Disconnect())
            versions += [event["versionNumber"] for event in presence_of(watcher)]
            made.now_s += away_s
        made.connect("kit")

        assert versions + [event["versionNumber"] for event in presence_of(watcher)] == [0, 0, 1, 1, 2, 2, 0]

    def test_client_id_with_a_wildcard_is_not_announced(self) -> None:
        made = rig()
        watcher = watching(made)

        made.connect("a+b")

        assert watcher.messages() == []

    def test_subscriptions_are_announced(self) -> None:
        made = rig()
        watcher = watching(made, "$aws/events/subscriptions/#")

        made.connect("kit").subscribe("a", "b")

        [event] = presence_of(watcher)
        assert (event["eventType"], event["topics"]) == ("subscribed", ["a", "b"])

    def test_wildcard_alone_does_not_show_events(self) -> None:
        made = rig()
        watcher = watching(made, "#")

        made.connect("kit")

        assert watcher.messages() == []


def take_over(made: BrokerRig) -> None:
    made.now_s += 1
    made.connect("kit")


class TestSlowClient:
    def test_qos_0_to_a_stuck_client_is_discarded_and_others_get_theirs(self) -> None:
        made = rig()
        stuck, quick = made.connect("stuck"), made.connect("quick")
        stuck.subscribe("a")
        quick.subscribe("a")
        stuck.wire.stuck = BACKLOG_FULL + 1

        made.connect("sender").publish("a")

        assert (len(stuck.messages()), len(quick.messages())) == (0, 1)
        assert "too slow" in made.reasons(EventKind.DISCARDED)[0]

    def test_client_that_never_reads_is_cut(self) -> None:
        made = rig()
        client = made.connect()
        client.wire.stuck = BACKLOG_FATAL + 1

        client.send(Pingreq())

        assert not client.is_open


class TestHostileClient:
    @pytest.mark.parametrize(
        "data",
        [b"\x00\x00", b"\x10\x00", b"\x30\xff\xff\xff\xff\x7f", b"\xf0\x00", b"\xc0\x01x", b"\x62\x02\x00\x01"],
        ids=["type 0", "short CONNECT", "endless length", "AUTH", "long PINGREQ", "PUBREL"],
    )
    def test_no_mqtt_closes_and_is_recorded(self, data: bytes) -> None:
        made = rig()
        client = made.open()

        client.connection.receive(data)

        assert not client.is_open
        assert len(made.events.of(EventKind.CONNECT_REFUSED)) == 1

    def test_packet_before_connect_closes(self) -> None:
        made = rig()
        client = made.open()

        client.publish("a")

        assert not client.is_open

    def test_huge_packet_is_refused_before_it_is_collected(self) -> None:
        made = rig()
        client = made.connect(level=MQTT_5)

        client.connection.receive(b"\x30\xff\xff\xff\x7f")

        assert client.read() == [Disconnect(Reason.PACKET_TOO_LARGE)]

    def test_acknowledgement_of_nothing_is_no_error(self) -> None:
        client = rig().connect()

        assert client.send(Puback(99)) == []
        assert client.is_open
