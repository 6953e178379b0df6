"""SUBSCRIBE and UNSUBSCRIBE of a client.

Sources: AWS IoT Core developer guide, "MQTT", "MQTT reason codes", "Shared Subscriptions"; AWS General Reference, "AWS
IoT Core endpoints and quotas".
"""

from kitbench.local_iot_core.broker import presence
from kitbench.local_iot_core.broker.client import Client
from kitbench.local_iot_core.broker.events import EventKind
from kitbench.local_iot_core.broker.session import Session
from kitbench.local_iot_core.mqtt.mqtt_packets import (
    MQTT_5,
    Reason,
    Suback,
    Subscribe,
    SubscriptionRequest,
    Unsuback,
    Unsubscribe,
)
from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from kitbench.local_iot_core.mqtt.topic import SHARED_PREFIX, TopicError, check_topic_filter
from kitbench.local_iot_core.policies.authorization import topic_arn, topic_filter_arn


def receive_subscribe(client: Client, packet: Subscribe) -> None:
    """Take a SUBSCRIBE: MQTT 5 hears a code per filter, MQTT 3.1.1 is hung up on for what it may not have."""
    session = client.session
    assert session is not None
    if (problem := _packet_problem(client, packet)) is not None:
        client.fail(*problem)
        return
    client.broker.billed.count("subscribe")
    codes = []
    fresh = []
    for request in packet.requests:
        code = _judge(client, session, request)
        if code >= Reason.UNSPECIFIED_ERROR and client.level != MQTT_5:
            return  # hung up on already: there is nobody to acknowledge to
        codes.append(code)
        if code < Reason.UNSPECIFIED_ERROR:
            fresh.append((request, client.broker.subscribe(session, request)))
    # The acknowledgement first; MQTT would let messages come before it (MQTT 5.0, 3.8.4).
    client.send(Suback(packet.packet_id, tuple(codes)))
    _announce(client, [request.topic_filter for request, _ in fresh])
    for request, is_new in fresh:
        _send_retained(client, request, is_new=is_new)


def _packet_problem(client: Client, packet: Subscribe) -> tuple[str, Reason] | None:
    most = client.broker.limits.filters_per_subscribe
    if len(packet.requests) > most:
        return f"SUBSCRIBE with {len(packet.requests)} filters, at most {most}", Reason.QUOTA_EXCEEDED
    if Property.SUBSCRIPTION_IDENTIFIER in packet.properties:
        return "subscription identifiers are not supported", Reason.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED
    if any(request.qos > 1 for request in packet.requests):
        return "SUBSCRIBE with QoS 2", Reason.QOS_NOT_SUPPORTED
    return None


def _judge(client: Client, session: Session, request: SubscriptionRequest) -> int:
    """Return the code for one filter; on MQTT 3.1.1 a refusal has ended the client."""
    topic_filter = request.topic_filter
    try:
        check_topic_filter(topic_filter)
    except TopicError as error:
        return _refuse(client, topic_filter, str(error), Reason.TOPIC_FILTER_INVALID)
    decision = client.authorizer.decide("iot:Subscribe", topic_filter_arn(topic_filter))
    if not decision.allowed:
        return _refuse(client, topic_filter, decision.reason, Reason.NOT_AUTHORIZED)
    most = client.broker.limits.subscriptions
    # Subscribing anew to the same filter replaces the subscription, and needs no further place.
    if topic_filter not in session.subscriptions and len(session.subscriptions) >= most:
        return _refuse(client, topic_filter, f"more than {most} subscriptions", Reason.QUOTA_EXCEEDED)
    return request.qos


def _refuse(client: Client, topic_filter: str, why: str, code: Reason) -> int:
    if client.level != MQTT_5 and code is Reason.NOT_AUTHORIZED:
        client.forbid(EventKind.SUBSCRIBE_REFUSED, why, topic_filter=topic_filter)
        return code
    client.record(EventKind.SUBSCRIBE_REFUSED, topic_filter=topic_filter, reason=why)
    if client.level != MQTT_5:
        client.fail(why, code)
    return code


def _announce(client: Client, topic_filters: list[str], *, ends: bool = False) -> None:
    if not topic_filters:
        return
    kind = EventKind.UNSUBSCRIBED if ends else EventKind.SUBSCRIBED
    for topic_filter in topic_filters:
        client.record(kind, topic_filter=topic_filter)
    details = client.presence_details()
    client.broker.publish(presence.subscribed(client.client_id, topic_filters, ends=ends, **details))


def _send_retained(client: Client, request: SubscriptionRequest, *, is_new: bool) -> None:
    """Send what is retained: always on MQTT 3.1.1, as the option says on MQTT 5, never to a shared group.

    Other than MQTT has it, a filter with a wildcard gets nothing retained ("AWS IoT differences from MQTT
    specifications").
    """
    wanted = request.retain_handling == 0 or (request.retain_handling == 1 and is_new)
    if not wanted or request.topic_filter.startswith(SHARED_PREFIX):
        return
    message = client.broker.retained.find(request.topic_filter, client.broker.clock())
    if message is not None and client.authorizer.decide("iot:Receive", topic_arn(message.topic)).allowed:
        client.send_retained(message, request.qos)


def receive_unsubscribe(client: Client, packet: Unsubscribe) -> None:
    """Take an UNSUBSCRIBE; one for a filter that is not subscribed to is no error."""
    session = client.session
    assert session is not None
    gone = [client.broker.unsubscribe(session, topic_filter) for topic_filter in packet.topic_filters]
    codes = tuple(Reason.SUCCESS if there else Reason.NO_SUBSCRIPTION_EXISTED for there in gone)
    client.send(Unsuback(packet.packet_id, codes))
    ended = [topic_filter for topic_filter, there in zip(packet.topic_filters, gone, strict=True) if there]
    _announce(client, ended, ends=True)
