"""CONNECT: who is let in, and on which terms.

Sources: AWS IoT Core developer guide, "MQTT" (CONNECT, CONNACK, MQTT 5 properties, reason codes); AWS General
Reference, "AWS IoT Core endpoints and quotas" (keep-alive, client id).
"""

import uuid
from typing import Final

from kitbench.local_iot_core.broker import presence
from kitbench.local_iot_core.broker.client import Client
from kitbench.local_iot_core.broker.events import EventKind
from kitbench.local_iot_core.broker.limits import Limits
from kitbench.local_iot_core.broker.session import FORWARDED, Message
from kitbench.local_iot_core.mqtt.mqtt_packets import (
    MQTT_5,
    NO_PROPERTIES,
    Connack,
    Connect,
    Properties,
    PropertyValue,
    Reason,
    Will,
)
from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from kitbench.local_iot_core.mqtt.topic import TopicError, check_topic_name
from kitbench.local_iot_core.policies.authorization import RefusalError, client_arn

#: Client ids that begin so are the broker's to give.
_GENERATED_PREFIX: Final = "$GEN/"
_NEVER_EXPIRES: Final = 0xFFFF_FFFF


class _DenialError(Exception):
    """A CONNECT that is answered with a reason code and closed."""

    def __init__(self, code: Reason, why: str) -> None:
        super().__init__(why)
        self.code = code


def admit(client: Client, connect: Connect) -> None:
    """Answer a CONNECT: accept it, or record why not and close.

    MQTT 5 clients get a CONNACK with the reason; AWS closes on MQTT 3.1.1 clients without one.
    """
    client.level = connect.protocol_level
    client.client_id = connect.client_id or f"{_GENERATED_PREFIX}{uuid.uuid4()}"
    client.connect_attributes = _connect_attributes(connect)
    try:
        _check(client, connect)
    except _DenialError as denial:
        if client.level == MQTT_5:
            client.send(Connack(denial.code))
        client.refuse(str(denial))
        return
    _accept(client, connect)


def _connect_attributes(connect: Connect) -> tuple[str, ...]:
    """Return what policies know as `iot:ConnectAttributes`."""
    is_persistent = _integer(connect.properties, Property.SESSION_EXPIRY_INTERVAL) or not connect.clean_start
    return (*(("PersistentConnect",) if is_persistent else ()), *(("LastWill",) if connect.will else ()))


def _check(client: Client, connect: Connect) -> None:
    limits = client.broker.limits
    if len(client.client_id.encode()) > limits.client_id_size:
        raise _DenialError(Reason.CLIENT_IDENTIFIER_NOT_VALID, f"client id has more than {limits.client_id_size} bytes")
    if connect.client_id.startswith("$"):
        raise _DenialError(Reason.CLIENT_IDENTIFIER_NOT_VALID, "client ids that begin with '$' are reserved")
    if not connect.client_id and not connect.clean_start and connect.protocol_level != MQTT_5:
        raise _DenialError(Reason.CLIENT_IDENTIFIER_NOT_VALID, "a persistent session needs a client id")
    if connect.will is not None:
        _check_will(connect.will, limits)
    try:
        client.bind()
    except RefusalError as error:
        raise _DenialError(Reason.NOT_AUTHORIZED, str(error)) from error
    decision = client.authorizer.decide("iot:Connect", client_arn(client.client_id))
    if not decision.allowed:
        raise _DenialError(Reason.NOT_AUTHORIZED, decision.reason)
    if not client.broker.admits_rate(client.client_id):
        raise _DenialError(Reason.CONNECTION_RATE_EXCEEDED, "more than one CONNECT a second with this client id")


def _check_will(will: Will, limits: Limits) -> None:
    try:
        check_topic_name(will.topic)
    except TopicError as error:
        raise _DenialError(Reason.TOPIC_NAME_INVALID, f"last will: {error}") from error
    if will.qos > 1:
        raise _DenialError(Reason.QOS_NOT_SUPPORTED, "last will has QoS 2")
    if len(will.payload) > limits.payload_size:
        raise _DenialError(Reason.PACKET_TOO_LARGE, f"last will has more than {limits.payload_size} bytes")


def _accept(client: Client, connect: Connect) -> None:
    broker = client.broker
    asked_s = connect.keep_alive_s or broker.limits.keep_alive_most_s
    client.keep_alive_s = min(max(asked_s, broker.limits.keep_alive_least_s), broker.limits.keep_alive_most_s)
    client.session_expiry_s = _session_expiry_s(connect, broker.limits)
    client.maximum_packet_size = _integer(connect.properties, Property.MAXIMUM_PACKET_SIZE)
    if connect.will is not None:
        _keep_will(client, connect.will)
    session, present = broker.enter(client, client.client_id, clean=connect.clean_start)
    client.session = session
    session.window = min(
        _integer(connect.properties, Property.RECEIVE_MAXIMUM) or broker.limits.unacknowledged,
        broker.limits.unacknowledged,
    )
    client.session_identifier = str(uuid.uuid4())
    properties = _connack_properties(client, connect) if client.level == MQTT_5 else NO_PROPERTIES
    client.send(Connack(0, present, properties))
    client.record(
        EventKind.CONNECTED,
        protocol="MQTT 5" if client.level == MQTT_5 else "MQTT 3.1.1",
        transport=client.peer.transport,
        keep_alive_s=client.keep_alive_s,
        session_present=present,
    )
    client.version_number = broker.count_connection(client.client_id)
    details = client.presence_details() | {
        "ipAddress": client.peer.address,
        "versionNumber": client.version_number,
    }
    broker.publish(presence.connected(client.client_id, **details))
    session.store()
    client.send_stored()


def _keep_will(client: Client, will: Will) -> None:
    properties = {key: value for key, value in will.properties.items() if key in FORWARDED}
    client.will = Message(will.topic, will.payload, will.qos, will.retain, properties, client.client_id)
    client.will_delay_s = float(_integer(will.properties, Property.WILL_DELAY_INTERVAL) or 0)


def _session_expiry_s(connect: Connect, limits: Limits) -> float:
    """Return how long the session outlives the client.

    MQTT 3.1.1's persistent sessions expire after an hour by default; MQTT 5 says how long, 0 without the property.
    """
    if connect.protocol_level != MQTT_5:
        return 0.0 if connect.clean_start else limits.session_expiry_s
    asked = _integer(connect.properties, Property.SESSION_EXPIRY_INTERVAL) or 0
    return limits.session_expiry_most_s if asked == _NEVER_EXPIRES else min(float(asked), limits.session_expiry_most_s)


def _connack_properties(client: Client, connect: Connect) -> Properties:
    limits = client.broker.limits
    properties: dict[int, PropertyValue] = {
        Property.RECEIVE_MAXIMUM: limits.unacknowledged,
        Property.MAXIMUM_QOS: 1,
        Property.RETAIN_AVAILABLE: 1,
        Property.MAXIMUM_PACKET_SIZE: limits.packet_size,
        Property.TOPIC_ALIAS_MAXIMUM: limits.topic_aliases,
        Property.WILDCARD_SUBSCRIPTION_AVAILABLE: 1,
        Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE: 0,
        Property.SHARED_SUBSCRIPTION_AVAILABLE: 1,
        Property.SESSION_EXPIRY_INTERVAL: round(client.session_expiry_s),
        Property.SERVER_KEEP_ALIVE: client.keep_alive_s,
    }
    if not connect.client_id:
        properties[Property.ASSIGNED_CLIENT_IDENTIFIER] = client.client_id
    return properties


def _integer(properties: Properties, key: Property) -> int | None:
    value = properties.get(key)
    return value if isinstance(value, int) else None
