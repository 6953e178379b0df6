"""SUBSCRIBE and UNSUBSCRIBE of a client.

Sources: AWS IoT Core developer guide, "MQTT", "MQTT reason codes", "Shared Subscriptions"; AWS General Reference, "AWS
IoT Core endpoints and quotas".
"""

from typing import TYPE_CHECKING

from kitbench.local_iot_core import presence
from kitbench.local_iot_core.authorization import topic_arn, topic_filter_arn
from kitbench.local_iot_core.events import EventKind
from kitbench.local_iot_core.mqtt_packets import (
    MQTT_5,
    Reason,
    Suback,
    Subscribe,
    SubscriptionRequest,
    Unsuback,
    Unsubscribe,
)
from kitbench.local_iot_core.mqtt_properties import Property
from kitbench.local_iot_core.session import Session
from kitbench.local_iot_core.topic import SHARED_PREFIX, TopicError, check_topic_filter

if TYPE_CHECKING:
    from kitbench.local_iot_core.connection import Connection


def receive_subscribe(connection: "Connection", packet: Subscribe) -> None:
    """Take a SUBSCRIBE: MQTT 5 hears a code per filter, MQTT 3.1.1 is hung up on for what it may not have."""
    session = connection.session
    assert session is not None
    if (problem := _packet_problem(connection, packet)) is not None:
        connection.fail(*problem)
        return
    connection.broker.billed.count("subscribe")
    codes = []
    fresh = []
    for request in packet.requests:
        code = _judge(connection, session, request)
        if code >= Reason.UNSPECIFIED_ERROR and connection.level != MQTT_5:
            return  # hung up on already: there is nobody to acknowledge to
        codes.append(code)
        if code < Reason.UNSPECIFIED_ERROR:
            fresh.append((request, connection.broker.subscribe(session, request)))
    # The acknowledgement first; MQTT would let messages come before it (MQTT 5.0, 3.8.4).
    connection.send(Suback(packet.packet_id, tuple(codes)))
    _announce(connection, [request.topic_filter for request, _ in fresh])
    for request, is_new in fresh:
        _send_retained(connection, request, is_new=is_new)


def _packet_problem(connection: "Connection", packet: Subscribe) -> tuple[str, Reason] | None:
    most = connection.broker.limits.filters_per_subscribe
    if len(packet.requests) > most:
        return f"SUBSCRIBE with {len(packet.requests)} filters, at most {most}", Reason.QUOTA_EXCEEDED
    if Property.SUBSCRIPTION_IDENTIFIER in packet.properties:
        return "subscription identifiers are not supported", Reason.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED
    if any(request.qos > 1 for request in packet.requests):
        return "SUBSCRIBE with QoS 2", Reason.QOS_NOT_SUPPORTED
    return None


def _judge(connection: "Connection", session: Session, request: SubscriptionRequest) -> int:
    """Return the code for one filter; on MQTT 3.1.1 a refusal has ended the connection."""
    topic_filter = request.topic_filter
    try:
        check_topic_filter(topic_filter)
    except TopicError as error:
        return _refuse(connection, topic_filter, str(error), Reason.TOPIC_FILTER_INVALID)
    decision = connection.authorizer.decide("iot:Subscribe", topic_filter_arn(topic_filter))
    if not decision.allowed:
        return _refuse(connection, topic_filter, decision.reason, Reason.NOT_AUTHORIZED)
    most = connection.broker.limits.subscriptions
    # Subscribing anew to the same filter replaces the subscription, and needs no further place.
    if topic_filter not in session.subscriptions and len(session.subscriptions) >= most:
        return _refuse(connection, topic_filter, f"more than {most} subscriptions", Reason.QUOTA_EXCEEDED)
    return request.qos


def _refuse(connection: "Connection", topic_filter: str, why: str, code: Reason) -> int:
    if connection.level != MQTT_5 and code is Reason.NOT_AUTHORIZED:
        connection.forbid(EventKind.SUBSCRIBE_REFUSED, why, topic_filter=topic_filter)
        return code
    connection.record(EventKind.SUBSCRIBE_REFUSED, topic_filter=topic_filter, reason=why)
    if connection.level != MQTT_5:
        connection.fail(why, code)
    return code


def _announce(connection: "Connection", topic_filters: list[str], *, ends: bool = False) -> None:
    if not topic_filters:
        return
    kind = EventKind.UNSUBSCRIBED if ends else EventKind.SUBSCRIBED
    for topic_filter in topic_filters:
        connection.record(kind, topic_filter=topic_filter)
    details = connection.presence_details()
    connection.broker.publish(presence.subscribed(connection.client_id, topic_filters, ends=ends, **details))


def _send_retained(connection: "Connection", request: SubscriptionRequest, *, is_new: bool) -> None:
    """Send what is retained: always on MQTT 3.1.1, as the option says on MQTT 5, never to a shared group.

    Other than MQTT has it, a filter with a wildcard gets nothing retained ("AWS IoT differences from MQTT
    specifications").
    """
    wanted = request.retain_handling == 0 or (request.retain_handling == 1 and is_new)
    if not wanted or request.topic_filter.startswith(SHARED_PREFIX):
        return
    message = connection.broker.retained.find(request.topic_filter, connection.broker.clock())
    if message is not None and connection.authorizer.decide("iot:Receive", topic_arn(message.topic)).allowed:
        connection.send_retained(message, request.qos)


def receive_unsubscribe(connection: "Connection", packet: Unsubscribe) -> None:
    """Take an UNSUBSCRIBE; one for a filter that is not subscribed to is no error."""
    session = connection.session
    assert session is not None
    gone = [connection.broker.unsubscribe(session, topic_filter) for topic_filter in packet.topic_filters]
    codes = tuple(Reason.SUCCESS if there else Reason.NO_SUBSCRIPTION_EXISTED for there in gone)
    connection.send(Unsuback(packet.packet_id, codes))
    ended = [topic_filter for topic_filter, there in zip(packet.topic_filters, gone, strict=True) if there]
    _announce(connection, ended, ends=True)
