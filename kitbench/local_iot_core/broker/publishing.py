"""PUBLISH from a client: what AWS IoT Core takes, discards, refuses and hangs up on.

Sources: AWS IoT Core developer guide, "MQTT", "MQTT reason codes", "Reserved topics"; AWS General Reference, "AWS IoT
Core endpoints and quotas".
"""

from typing import Final

from kitbench.local_iot_core.broker.client import Client
from kitbench.local_iot_core.broker.events import EventKind
from kitbench.local_iot_core.broker.session import FORWARDED, Message
from kitbench.local_iot_core.broker.shadow import parse_topic
from kitbench.local_iot_core.mqtt import reserved_topic
from kitbench.local_iot_core.mqtt.mqtt_packets import MQTT_5, Puback, Publish, Reason
from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from kitbench.local_iot_core.mqtt.topic import TopicError, check_topic_name

#: Topics under `$` that a client may publish to, beside requests to services: Basic Ingest.
_BASIC_INGEST: Final = "$aws/rules/"


def receive_publish(client: Client, packet: Publish) -> None:
    """Take a PUBLISH and acknowledge it, or answer as AWS answers what it does not take."""
    limits = client.broker.limits
    if packet.qos > 1:
        client.fail("PUBLISH with QoS 2", Reason.QOS_NOT_SUPPORTED)
    elif len(packet.payload) > limits.payload_size:
        why = f"payload of {len(packet.payload)} bytes, at most {limits.payload_size}"
        client.fail(why, Reason.PACKET_TOO_LARGE)
    elif (topic := _resolve_alias(client, packet)) is not None:
        _receive_on(client, packet, topic)


def _receive_on(client: Client, packet: Publish, topic: str) -> None:
    now_s = client.broker.clock()
    try:
        check_publishable(topic, retain=packet.retain)
    except TopicError as error:
        _reject(client, packet, topic, str(error), Reason.TOPIC_NAME_INVALID)
        return
    if not client.publish_rate.takes(now_s) or not client.byte_rate.takes(now_s, len(packet.payload)):
        # Excess is discarded without an answer, so that a QoS 1 publisher sends it again.
        client.record(EventKind.DISCARDED, topic=topic, reason="more than the connection's quota of publishes")
        return
    decision = client.may_publish(topic, retain=packet.retain)
    if not decision.allowed:
        _reject(client, packet, topic, decision.reason, Reason.NOT_AUTHORIZED)
        return
    client.record(EventKind.PUBLISHED, topic=topic, qos=packet.qos, size=len(packet.payload), retain=packet.retain)
    _route(client, packet, topic)
    if packet.packet_id is not None:
        client.send(Puback(packet.packet_id))


def _resolve_alias(client: Client, packet: Publish) -> str | None:
    """Return the topic, by MQTT 5's alias if it has one; None when the connection ended over it."""
    alias = packet.properties.get(Property.TOPIC_ALIAS)
    if not isinstance(alias, int):
        return packet.topic
    if not 1 <= alias <= client.broker.limits.topic_aliases:
        client.fail(f"topic alias is {alias}", Reason.TOPIC_ALIAS_INVALID)
        return None
    if packet.topic:
        client.topic_aliases[alias] = packet.topic
    elif alias not in client.topic_aliases:
        client.fail(f"topic alias {alias} is not known", Reason.PROTOCOL_ERROR)
        return None
    return client.topic_aliases[alias]


def check_publishable(topic: str, *, retain: bool) -> None:
    """Let a topic pass that a client may publish to.

    Raises:
        TopicError: it is none, too long or reserved.
    """
    check_topic_name(topic)
    if retain and topic.startswith("$"):
        raise TopicError(f"topic {topic[:80]!r} is reserved: nothing is retained on it")
    shadow = parse_topic(topic)
    if shadow is not None or reserved_topic.is_owned(topic):
        is_open = shadow.is_request if shadow is not None else reserved_topic.is_request(topic)
    else:
        is_open = topic.startswith(_BASIC_INGEST)
    if topic.startswith("$") and not is_open:
        service = reserved_topic.service_not_modelled(topic)
        why = f": {service} is not modelled here" if service else ""
        raise TopicError(f"topic {topic[:80]!r} is reserved{why}")


def _reject(client: Client, packet: Publish, topic: str, why: str, code: Reason) -> None:
    """Refuse one message: MQTT 5 with QoS 1 hears the reason and stays, everybody else is hung up on."""
    if client.level == MQTT_5 and packet.packet_id is not None:
        client.record(EventKind.PUBLISH_REFUSED, topic=topic, reason=why)
        client.send(Puback(packet.packet_id, code))
    elif code is Reason.NOT_AUTHORIZED:
        client.forbid(EventKind.PUBLISH_REFUSED, why, topic=topic)
    else:
        client.record(EventKind.PUBLISH_REFUSED, topic=topic, reason=why)
        client.fail(why, code)


def _route(client: Client, packet: Publish, topic: str) -> None:
    broker = client.broker
    expiry = packet.properties.get(Property.MESSAGE_EXPIRY_INTERVAL)
    message = Message(
        topic,
        packet.payload,
        packet.qos,
        packet.retain,
        {key: value for key, value in packet.properties.items() if key in FORWARDED} if packet.properties else {},
        client.client_id,
        broker.clock() + expiry if isinstance(expiry, int) else None,
    )
    broker.serve(message)
