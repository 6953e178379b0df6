"""CONNECT: who is let in, and on which terms.

Sources: AWS IoT Core developer guide, "MQTT" (CONNECT, CONNACK, MQTT 5 properties, reason codes); AWS General
Reference, "AWS IoT Core endpoints and quotas" (keep-alive, client id).
"""

import time
import uuid
from typing import TYPE_CHECKING, Final

from kitbench.local_iot_core import presence
from kitbench.local_iot_core.authorization import RefusalError, client_arn
from kitbench.local_iot_core.events import EventKind
from kitbench.local_iot_core.limits import Limits
from kitbench.local_iot_core.mqtt_packets import (
    MQTT_5,
    NO_PROPERTIES,
    Connack,
    Connect,
    Properties,
    PropertyValue,
    Reason,
    Will,
)
from kitbench.local_iot_core.mqtt_properties import Property
from kitbench.local_iot_core.session import FORWARDED, Message
from kitbench.local_iot_core.topic import TopicError, check_topic_name

if TYPE_CHECKING:
    from kitbench.local_iot_core.connection import Connection

#: Client ids that begin so are the broker's to give.
_GENERATED_PREFIX: Final = "$GEN/"
_NEVER_EXPIRES: Final = 0xFFFF_FFFF


class _DenialError(Exception):
    """A CONNECT that is answered with a reason code and closed."""

    def __init__(self, code: Reason, why: str) -> None:
        super().__init__(why)
        self.code = code


def admit(connection: "Connection", connect: Connect) -> None:
    """Answer a CONNECT: accept it, or record why not and close.

    MQTT 5 clients get a CONNACK with the reason; AWS closes on MQTT 3.1.1 clients without one.
    """
    connection.level = connect.protocol_level
    connection.client_id = connect.client_id or f"{_GENERATED_PREFIX}{uuid.uuid4()}"
    connection.connect_attributes = _connect_attributes(connect)
    try:
        _check(connection, connect)
    except _DenialError as denial:
        if connection.level == MQTT_5:
            connection.send(Connack(denial.code))
        connection.refuse(str(denial))
        return
    _accept(connection, connect)


def _connect_attributes(connect: Connect) -> tuple[str, ...]:
    """Return what policies know as `iot:ConnectAttributes`."""
    is_persistent = _integer(connect.properties, Property.SESSION_EXPIRY_INTERVAL) or not connect.clean_start
    return (*(("PersistentConnect",) if is_persistent else ()), *(("LastWill",) if connect.will else ()))


def _check(connection: "Connection", connect: Connect) -> None:
    limits = connection.broker.limits
    if len(connection.client_id.encode()) > limits.client_id_size:
        raise _DenialError(Reason.CLIENT_IDENTIFIER_NOT_VALID, f"client id has more than {limits.client_id_size} bytes")
    if connect.client_id.startswith("$"):
        raise _DenialError(Reason.CLIENT_IDENTIFIER_NOT_VALID, "client ids that begin with '$' are reserved")
    if not connect.client_id and not connect.clean_start and connect.protocol_level != MQTT_5:
        raise _DenialError(Reason.CLIENT_IDENTIFIER_NOT_VALID, "a persistent session needs a client id")
    if connect.will is not None:
        _check_will(connect.will, limits)
    try:
        connection.bind()
    except RefusalError as error:
        raise _DenialError(Reason.NOT_AUTHORIZED, str(error)) from error
    decision = connection.authorizer.decide("iot:Connect", client_arn(connection.client_id))
    if not decision.allowed:
        raise _DenialError(Reason.NOT_AUTHORIZED, decision.reason)
    if not connection.broker.admits_rate(connection.client_id):
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


def _accept(connection: "Connection", connect: Connect) -> None:
    broker = connection.broker
    asked_s = connect.keep_alive_s or broker.limits.keep_alive_most_s
    connection.keep_alive_s = min(max(asked_s, broker.limits.keep_alive_least_s), broker.limits.keep_alive_most_s)
    connection.session_expiry_s = _session_expiry_s(connect, broker.limits)
    connection.maximum_packet_size = _integer(connect.properties, Property.MAXIMUM_PACKET_SIZE)
    if connect.will is not None:
        _keep_will(connection, connect.will)
    session, present = broker.enter(connection, connection.client_id, clean=connect.clean_start)
    connection.session = session
    session.window = min(
        _integer(connect.properties, Property.RECEIVE_MAXIMUM) or broker.limits.unacknowledged,
        broker.limits.unacknowledged,
    )
    connection.session_identifier = str(uuid.uuid4())
    properties = _connack_properties(connection, connect) if connection.level == MQTT_5 else NO_PROPERTIES
    connection.send(Connack(0, present, properties))
    connection.record(
        EventKind.CONNECTED,
        protocol="MQTT 5" if connection.level == MQTT_5 else "MQTT 3.1.1",
        transport=connection.peer.transport,
        keep_alive_s=connection.keep_alive_s,
        session_present=present,
    )
    connection.version_number = broker.count_connection(connection.client_id)
    details = connection.presence_details() | {
        "ipAddress": connection.peer.address,
        "versionNumber": connection.version_number,
    }
    broker.publish(presence.connected(connection.client_id, **details))
    session.store()
    connection.send_stored()


def _keep_will(connection: "Connection", will: Will) -> None:
    properties = {key: value for key, value in will.properties.items() if key in FORWARDED}
    connection.will = Message(will.topic, will.payload, will.qos, will.retain, properties, connection.client_id)
    connection.will_delay_s = float(_integer(will.properties, Property.WILL_DELAY_INTERVAL) or 0)


def _session_expiry_s(connect: Connect, limits: Limits) -> float:
    """Return how long the session outlives the connection.

    MQTT 3.1.1's persistent sessions expire after an hour by default; MQTT 5 says how long, 0 without the property.
    """
    if connect.protocol_level != MQTT_5:
        return 0.0 if connect.clean_start else limits.session_expiry_s
    asked = _integer(connect.properties, Property.SESSION_EXPIRY_INTERVAL) or 0
    return limits.session_expiry_most_s if asked == _NEVER_EXPIRES else min(float(asked), limits.session_expiry_most_s)


def _connack_properties(connection: "Connection", connect: Connect) -> Properties:
    limits = connection.broker.limits
    properties: dict[int, PropertyValue] = {
        Property.RECEIVE_MAXIMUM: limits.unacknowledged,
        Property.MAXIMUM_QOS: 1,
        Property.RETAIN_AVAILABLE: 1,
        Property.MAXIMUM_PACKET_SIZE: limits.packet_size,
        Property.TOPIC_ALIAS_MAXIMUM: limits.topic_aliases,
        Property.WILDCARD_SUBSCRIPTION_AVAILABLE: 1,
        Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE: 0,
        Property.SHARED_SUBSCRIPTION_AVAILABLE: 1,
        Property.SESSION_EXPIRY_INTERVAL: round(connection.session_expiry_s),
        Property.SERVER_KEEP_ALIVE: connection.keep_alive_s,
    }
    if not connect.client_id:
        properties[Property.ASSIGNED_CLIENT_IDENTIFIER] = connection.client_id
    return properties


def _integer(properties: Properties, key: Property) -> int | None:
    value = properties.get(key)
    return value if isinstance(value, int) else None


def wall_clock_ms() -> int:
    """Return the time of day as AWS's events carry it, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000
