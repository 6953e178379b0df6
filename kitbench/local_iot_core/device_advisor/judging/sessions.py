"""Judges of persistent sessions: does a device that comes back have what it had?"""

from collections.abc import Callable
from typing import Final, TypeAlias

from kitbench.local_iot_core.device_advisor.judging.terms import Terms, nothing_to_judge
from kitbench.local_iot_core.device_advisor.verdict import Verdict, failed, not_judged, passed, warned
from kitbench.local_iot_core.device_advisor.wire_log import Link, WireLog
from kitbench.local_iot_core.mqtt.mqtt_packets import MQTT_5, Connect, Puback, Publish, Suback, Subscribe
from kitbench.local_iot_core.mqtt.mqtt_properties import Property

#: How long a device may take after a message that waited, to show whether it subscribes again.
_MOMENT_S: Final = 3.0
_KEEP: Final = "connect with clean session off, each time"
_REFUSED: Final = 0x80
#: Judges one connection of a device that came back.
_JudgeOfReturn: TypeAlias = Callable[[Link, Terms], Verdict | None]


def judge_persistent_session(log: WireLog, terms: Terms) -> Verdict | None:
    """Look whether a device that was hung up on gets the message that waited, without subscribing again."""
    return _judged(log, terms, _came_back)


def judge_expired_session(log: WireLog, terms: Terms) -> Verdict | None:
    """Look whether a device whose session is gone subscribes anew."""
    return _judged(log, terms, _came_back_to_nothing)


def _judged(log: WireLog, terms: Terms, judge: _JudgeOfReturn) -> Verdict | None:
    first = next((link for link in log.attempts if link.sent(Suback)), None)
    if first is None:
        return _never_subscribed(log) if terms.is_over else None
    if (verdict := _without_session(first)) is not None:
        return verdict
    later = [link for link in log.attempts if link.opened_s > first.opened_s]
    for link in later:
        if link.connect is not None and link.connect.clean_start:
            return failed("the device came back with a clean session: what waited for it is lost", _KEEP)
        if (verdict := judge(link, terms)) is not None:
            return verdict
    return _left_undone(judge, has_returned=bool(later)) if terms.is_over else None


def _without_session(first: Link) -> Verdict | None:
    """Return that there is nothing to judge where the device keeps no session, or nothing would wait in it."""
    if not _keeps(first.connect):
        return not_judged("the device asks for a clean session: nothing is kept for it", f"{_KEEP}, or leave it out")
    if not _has_qos_1(first):
        return not_judged("the device subscribes to nothing with QoS 1: nothing would wait", "subscribe with QoS 1")
    return None


def _left_undone(judge: _JudgeOfReturn, *, has_returned: bool) -> Verdict:
    if not has_returned:
        return failed("the device was hung up on, and did not come back", "connect again")
    if judge is _came_back:
        return failed("the message that waited was not acknowledged", "acknowledge each PUBLISH with QoS 1")
    return failed(
        "the device came back to a session that is gone, and did not subscribe again",
        "subscribe whenever CONNACK's session present is 0",
    )


def _never_subscribed(log: WireLog) -> Verdict:
    return nothing_to_judge(log) or not_judged("the device subscribed to nothing", "subscribe with QoS 1")


def _keeps(connect: Connect | None) -> bool:
    """Say whether a CONNECT asks for a session that outlives the connection."""
    if connect is None:
        return False
    if connect.protocol_level == MQTT_5:
        return bool(connect.properties.get(Property.SESSION_EXPIRY_INTERVAL, 0))
    return not connect.clean_start


def _has_qos_1(link: Link) -> bool:
    return any(0 < code < _REFUSED for _, suback in link.sent(Suback) for code in suback.codes)


def _came_back(link: Link, terms: Terms) -> Verdict | None:
    sent = {packet.packet_id: moment for moment, packet in link.sent(Publish) if terms.is_delivered(packet)}
    for moment, puback in link.received(Puback):
        if puback.packet_id not in sent:
            continue
        if link.received(Subscribe):
            reason = "the message that waited was acknowledged, but the device subscribed again"
            return warned(reason, "look at CONNACK's session present: the subscriptions are still there")
        if terms.is_over or terms.now_s - moment > _MOMENT_S:
            took = moment - sent[puback.packet_id]
            return passed(f"the session was there, and the message that waited was acknowledged after {took:.1f} s")
    return None


def _came_back_to_nothing(link: Link, _terms: Terms) -> Verdict | None:
    if link.connected_s is not None and (again := link.received(Subscribe)):
        topic = again[0][1].requests[0].topic_filter if again[0][1].requests else ""
        return passed(f"CONNACK said that the session is gone, and the device subscribed to {topic!r} again")
    return None
