"""Routing: who gets how many copies, and that nothing grows for ever."""

import pytest

from kitbench.local_iot_core.broker.limits import Limits
from kitbench.local_iot_core.mqtt.mqtt_packets import Publish, Unsubscribe
from tests.kitbench.local_iot_core.broker_rig import rig


def test_overlapping_filters_give_one_copy() -> None:
    client = rig().connect()
    client.subscribe("a/+", qos=0)
    client.subscribe("a/#", qos=1)

    packets = client.publish("a/b", qos=1)

    assert [packet.qos for packet in packets if isinstance(packet, Publish)] == [1]


def test_remembered_route_follows_subscriptions() -> None:
    made = rig()
    sender, reader = made.connect("sender"), made.connect("reader")
    counts = []
    for change in (lambda: None, lambda: reader.subscribe("a"), lambda: reader.send(Unsubscribe(2, ("a",)))):
        change()
        reader.read()
        sender.publish("a")
        counts.append(len(reader.messages()))

    assert counts == [0, 1, 0]


def test_clients_that_come_and_go_leave_nothing() -> None:
    made = rig(limits=Limits(connects_per_s=None))
    for number in range(300):
        client = made.connect(f"kit-{number}")
        client.subscribe(f"t/{number}")
        client.connection.lost()

    assert made.broker.sessions == {}
    assert made.broker.clients == {}
    assert made.broker._subscriptions._root.children == {}
    assert made.broker._pending == set()


def test_routes_are_remembered_in_bounded_number() -> None:
    made = rig(limits=Limits(publishes_per_s=None))
    client = made.connect()

    for number in range(10_000):
        client.publish(f"t/{number}")

    assert len(made.broker._routes) <= 4096


def test_retained_messages_are_bounded() -> None:
    made = rig(limits=Limits(retained=3))
    client = made.connect()

    for number in range(5):
        client.publish(f"t/{number}", retain=True)
    client.publish("t/0", b"", retain=True)
    client.publish("t/9", retain=True)

    assert [made.broker.retained.find(f"t/{number}", 0) is not None for number in (0, 1, 2, 3, 9)] == [
        False,
        True,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize("count", [1, 50])
def test_every_subscriber_gets_its_copy(count: int) -> None:
    made = rig()
    readers = [made.connect(f"reader-{number}") for number in range(count)]
    for reader in readers:
        reader.subscribe("a")

    made.connect("sender").publish("a")

    assert [len(reader.messages()) for reader in readers] == [1] * count


def test_shut_down_says_goodbye() -> None:
    made = rig()
    client = made.connect()

    made.broker.close()

    assert not client.is_open
