"""Judges of persistent sessions: does a device that comes back have what it had?"""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from kitbench.local_iot_core.device_advisor.judging.terms import Terms, nothing_to_judge
from kitbench.local_iot_core.device_advisor.verdict import Verdict, failed, not_judged, passed, warned
from kitbench.local_iot_core.device_advisor.wire_log import Link, WireLog
from kitbench.local_iot_core.mqtt.mqtt_packets import MQTT_5, Connect, Puback, Publish, Suback, Subscribe
from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from kitbench.local_iot_core.mqtt.topic import matches

#: How long a device may take after a message that waited, to show whether it subscribes again.
_MOMENT_S: Final = 3.0
_KEEP: Final = "connect with clean session off, each time"
_REFUSED: Final = 0x80
#: Topic filters in a reason.
_SHOWN: Final = 3
#: Judges one connection of a device that came back, from its first one and that.
_JudgeOfReturn: TypeAlias = Callable[[Link, Link, Terms], Verdict | None]


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
    if (verdict := _without_session(first, terms)) is not None:
        return verdict
    later = [link for link in log.attempts if link.opened_s > first.opened_s]
    for link in later:
        if link.connect is not None and link.connect.clean_start:
            return failed("the device came back with a clean session: what waited for it is lost", _KEEP)
        if (verdict := judge(first, link, terms)) is not None:
            return verdict
    return _left_undone(judge, later, _waiting_on(first, terms)) if terms.is_over else None


def _without_session(first: Link, terms: Terms) -> Verdict | None:
    """Return that there is nothing to judge where the device keeps no session, or nothing would wait in it."""
    if not _keeps(first.connect):
        return not_judged("the device asks for a clean session: nothing is kept for it", f"{_KEEP}, or leave it out")
    # Before the end of the connection the subscription may still come.
    if not _waiting_on(first, terms) and (terms.is_over or first.ended_s is not None):
        return not_judged(f"{terms.heard_nothing}: nothing would wait", "subscribe with QoS 1")
    return None


def _left_undone(judge: _JudgeOfReturn, later: Sequence[Link], waited_on: set[str]) -> Verdict:
    if not later:
        return failed("the device was hung up on, and did not come back", "connect again")
    if judge is _came_back:
        return failed("the message that waited was not acknowledged", "acknowledge each PUBLISH with QoS 1")
    again = {name for link in later for name in _asked(link)}
    lost = min(waited_on - again, default="")
    return failed(
        f"the device came back to a session that is gone, and did not subscribe to {lost[:60]!r} again",
        "subscribe to all of it whenever CONNACK's session present is 0",
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


def _asked(link: Link) -> dict[str, int]:
    """Return the filters that the device asked for, with their QoS."""
    return {one.topic_filter: one.qos for _, packet in link.received(Subscribe) for one in packet.requests}


def _granted(link: Link) -> dict[str, int]:
    """Return the filters that were granted, with their QoS."""
    asked = {packet.packet_id: packet.requests for _, packet in link.received(Subscribe)}
    pairs = [
        pair for _, one in link.sent(Suback) for pair in zip(asked.get(one.packet_id, ()), one.codes, strict=False)
    ]
    return {one.topic_filter: code for one, code in pairs if code < _REFUSED}


def _waiting_on(link: Link, terms: Terms) -> set[str]:
    """Return the filters that messages would wait on: with QoS 1, and matching the topic of the test."""
    heard = {name for name, qos in _granted(link).items() if qos > 0}
    return {name for name in heard if not terms.trigger or matches(name, terms.trigger)}


def _came_back(first: Link, link: Link, terms: Terms) -> Verdict | None:
    sent = {packet.packet_id: moment for moment, packet in link.sent(Publish) if terms.is_delivered(packet)}
    for moment, puback in link.received(Puback):
        if puback.packet_id not in sent:
            continue
        if again := _waiting_on(first, terms) & set(_asked(link)):
            reason = f"the message that waited was acknowledged, but the device subscribed to {min(again)[:60]!r} again"
            return failed(reason, "look at CONNACK's session present: the subscriptions are still there")
        if terms.is_over or terms.now_s - moment > _MOMENT_S:
            took = moment - sent[puback.packet_id]
            return passed(f"the session was there, and the message that waited was acknowledged after {took:.1f} s")
    return None


def _came_back_to_nothing(first: Link, link: Link, terms: Terms) -> Verdict | None:
    again, before = _asked(link), _waiting_on(first, terms)
    if link.connected_s is None or not before <= set(again):
        return None
    shown = ", ".join(repr(name[:60]) for name in sorted(before)[:_SHOWN])
    reason = f"CONNACK said that the session is gone, and the device subscribed to {shown} again"
    if lower := [name for name in sorted(before) if again[name] == 0]:
        return warned(f"{reason}, to {lower[0][:60]!r} with QoS 0", "ask for QoS 1 as before, or nothing waits for it")
    return passed(reason)
