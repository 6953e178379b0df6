"""Judges of what a device does when an acknowledgement does not come."""

from typing import Final, TypeVar

from kitbench.local_iot_core.device_advisor.judging.terms import Terms, nothing_to_judge
from kitbench.local_iot_core.device_advisor.verdict import Verdict, failed, not_judged, passed, warned
from kitbench.local_iot_core.device_advisor.wire_log import Link, WireLog
from kitbench.local_iot_core.mqtt.mqtt_packets import Connect, Disconnect, Pingreq, Publish, Subscribe

P = TypeVar("P", Publish, Subscribe)

#: A server gives up after 1.5 times the keep-alive (MQTT 3.1.1, 3.1.2.10); a client is to do so in "a reasonable time".
_PATIENCE: Final = 3.0
#: What a clock of a device may be wrong by, and a task late.
_LENIENCY_S: Final = 10.0
#: The longest keep-alive of AWS IoT Core. Source: AWS General Reference, "AWS IoT Core endpoints and quotas".
_LONGEST_S: Final = 1200.0


def judge_publish_retry(log: WireLog, terms: Terms) -> Verdict | None:
    """Look whether a message with QoS 1 that got no PUBACK comes again, with the same packet identifier."""
    fix = "keep a QoS 1 message until its PUBACK, and send it again with DUP set and the same packet identifier"
    verdict = _judge_retry(log, terms, Publish, "PUBLISH with QoS 1", fix)
    again = next((one[1] for link in log.links if (one := _repeated(link, Publish, terms)) is not None), None)
    if verdict is not None and again is not None and not again.duplicate:
        return warned(
            f"{verdict.reason}, but without its DUP flag", "set DUP on what is sent again (MQTT 3.1.1, 3.3.1.1)"
        )
    return verdict


def judge_subscribe_retry(log: WireLog, terms: Terms) -> Verdict | None:
    """Look whether a SUBSCRIBE that got no SUBACK comes again, with the same packet identifier."""
    fix = "wait for the SUBACK, and send the SUBSCRIBE again with the same packet identifier when it does not come"
    return _judge_retry(log, terms, Subscribe, "SUBSCRIBE", fix)


def _judge_retry(log: WireLog, terms: Terms, kind: type[P], name: str, fix: str) -> Verdict | None:
    for link in log.links:
        first = _first_of(link, kind, terms)
        if first is None:
            continue
        moment, packet = first
        if (again := _repeated(link, kind, terms)) is not None:
            took = again[0] - moment
            return passed(f"{name} came again after {took:.1f} s, with packet identifier {packet.packet_id}")
        if link.ended_by == "device" and link.ended_s is not None:
            reason = f"the device hung up {link.ended_s - moment:.1f} s after its {name}, and did not send it again"
            return failed(f"{reason}{_instead(link, first)}", fix)
        if terms.is_over:
            return failed(f"{name} did not come again within {terms.now_s - moment:.0f} s{_instead(link, first)}", fix)
    return _never_sent(log, kind, name) if terms.is_over else None


def _never_sent(log: WireLog, kind: type[P], name: str) -> Verdict:
    """Return a verdict on a device that sent nothing that is meant."""
    if any(_counts(packet) for _, _, packet in log.received(kind)):
        return failed(f"no {name} is on the topic of the test's configuration", "send one there")
    return nothing_to_judge(log) or not_judged(f"the device sent no {name}", f"have it send a {name}")


def _counts(packet: Publish | Subscribe) -> bool:
    return isinstance(packet, Subscribe) or packet.qos > 0


def _is_meant(packet: Publish | Subscribe, terms: Terms) -> bool:
    """Say whether a packet wants an acknowledgement, and is on the topic that the configuration names, if any."""
    if isinstance(packet, Subscribe):
        return not terms.topics or any(one.topic_filter in terms.topics for one in packet.requests)
    return packet.qos > 0 and terms.topic in ("", packet.topic) and terms.payload in (None, packet.payload)


def _first_of(link: Link, kind: type[P], terms: Terms) -> tuple[float, P] | None:
    return next((one for one in link.received(kind) if _is_meant(one[1], terms)), None)


def _content(packet: Publish | Subscribe) -> tuple[object, ...]:
    """Return what is the same in a packet that is sent again, beside its identifier."""
    return packet.requests if isinstance(packet, Subscribe) else (packet.topic, packet.payload)


def _repeated(link: Link, kind: type[P], terms: Terms) -> tuple[float, P] | None:
    """Return the packet that is the first one again: with its identifier, and with what it said."""
    first = _first_of(link, kind, terms)
    if first is None:
        return None
    meant = (first[1].packet_id, _content(first[1]))
    later = [one for one in link.received(kind) if one[0] > first[0]]
    return next((one for one in later if (one[1].packet_id, _content(one[1])) == meant), None)


def _instead(link: Link, first: tuple[float, Publish | Subscribe]) -> str:
    """Return in words what came instead of the packet, "" for nothing like it."""
    moment, packet = first
    for later, other in link.received(type(packet)):
        if later <= moment:
            continue
        if other.packet_id == packet.packet_id:
            return f"; its packet identifier {packet.packet_id} was used for another one"
        if _content(other) == _content(packet) and _counts(other):
            return f"; the same came with packet identifier {other.packet_id} in place of {packet.packet_id}"
    return ""


def judge_no_ping_response(log: WireLog, terms: Terms) -> Verdict | None:
    """Look whether the device gives up a connection on which its pings are not answered."""
    for link in log.attempts:
        if link.connected_s is not None and _keep_alive_s(link) == 0:
            return failed("the keep-alive is off: a dead connection is never noticed", "set one of 30 to 1200 s")
        pings = link.received(Pingreq)
        if pings and (verdict := _after_ping(link, pings[0][0], terms)) is not None:
            return verdict
    return _without_ping(log, terms.now_s) if terms.is_over else None


def _after_ping(link: Link, ping_s: float, terms: Terms) -> Verdict | None:
    """Return a verdict on a connection with a ping that nobody answered."""
    if link.ended_by == "device" and link.ended_s is not None:
        return passed(f"the device hung up {link.ended_s - ping_s:.1f} s after a PINGREQ that nobody answered")
    waited = terms.now_s - ping_s
    if waited > _PATIENCE * _keep_alive_s(link) + _LENIENCY_S:
        fix = "hang up when no PINGRESP comes within the keep-alive, and connect again"
        return failed(f"{waited:.0f} s after its PINGREQ the device still holds the dead connection", fix)
    return None


def _without_ping(log: WireLog, now_s: float) -> Verdict:
    if (verdict := nothing_to_judge(log)) is not None:
        return verdict
    link = log.attempts[0]
    held_s = (link.ended_s if link.ended_s is not None else now_s) - link.opened_s
    if link.received(Disconnect):
        reason = f"the device sent DISCONNECT after {held_s:.1f} s, before any ping was due"
        return not_judged(reason, "have it stay connected longer than its keep-alive")
    if link.ended_by == "device":
        return passed(f"the device hung up {held_s:.1f} s after nobody answered any more")
    keep_alive_s = _keep_alive_s(link)
    if keep_alive_s > _LONGEST_S or held_s > _PATIENCE * keep_alive_s + _LENIENCY_S:
        reason = f"no PINGREQ came within {held_s:.0f} s; the keep-alive is {keep_alive_s:.0f} s"
        return failed(f"{reason}, and the device still holds the dead connection", "set one of 30 to 1200 s")
    return not_judged("the test's time was over before the device could give up", "set EXECUTION_TIMEOUT higher")


def _keep_alive_s(link: Link) -> float:
    return next((float(packet.keep_alive_s) for _, packet in link.received(Connect)), 0.0)
