"""Judges of what a device does when an acknowledgement does not come."""

from typing import Final, TypeVar

from kitbench.local_iot_core.device_advisor.judging.terms import Terms, nothing_to_judge
from kitbench.local_iot_core.device_advisor.verdict import Verdict, failed, not_judged, passed, warned
from kitbench.local_iot_core.device_advisor.wire_log import Link, WireLog
from kitbench.local_iot_core.mqtt.mqtt_packets import Connect, Pingreq, Publish, Subscribe

P = TypeVar("P", Publish, Subscribe)

#: A server gives up after 1.5 times the keep-alive (MQTT 3.1.1, 3.1.2.10); a client is to do so in "a reasonable time".
_PATIENCE: Final = 3.0
#: What a clock of a device may be wrong by, and a task late.
_LENIENCY_S: Final = 10.0


def judge_publish_retry(log: WireLog, terms: Terms) -> Verdict | None:
    """Look whether a message with QoS 1 that got no PUBACK comes again, with the same packet identifier."""
    fix = "keep a QoS 1 message until its PUBACK, and send it again with DUP set and the same packet identifier"
    verdict = _judge_retry(log, terms, Publish, "PUBLISH with QoS 1", fix)
    again = _repeated(log, Publish)
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
        first = _first_of(link, kind)
        if first is None:
            continue
        moment, packet = first
        for later, other in link.received(kind):
            if later > moment and _is_again(other, packet):
                return passed(
                    f"{name} came again after {later - moment:.1f} s, with packet identifier {packet.packet_id}"
                )
        if link.ended_by == "device" and link.ended_s is not None:
            waited = link.ended_s - moment
            return failed(f"the device hung up {waited:.1f} s after its {name}, and did not send it again", fix)
    if not terms.is_over:
        return None
    if any(_first_of(link, kind) for link in log.links):
        return failed(f"{name} did not come again within {terms.now_s:.0f} s", fix)
    return nothing_to_judge(log) or not_judged(f"the device sent no {name}", f"have it send a {name}")


def _first_of(link: Link, kind: type[P]) -> tuple[float, P] | None:
    return next((one for one in link.received(kind) if not isinstance(one[1], Publish) or one[1].qos), None)


def _is_again(packet: Publish | Subscribe, first: Publish | Subscribe) -> bool:
    return type(packet) is type(first) and packet.packet_id == first.packet_id


def _repeated(log: WireLog, kind: type[Publish]) -> Publish | None:
    for link in log.links:
        if (first := _first_of(link, kind)) is not None:
            for moment, packet in link.received(kind):
                if moment > first[0] and _is_again(packet, first[1]):
                    return packet
    return None


def judge_no_ping_response(log: WireLog, terms: Terms) -> Verdict | None:
    """Look whether the device gives up a connection on which its pings are not answered."""
    for link in log.attempts:
        if link.connected_s is not None and _keep_alive_s(link) == 0:
            return failed("the keep-alive is off: a dead connection is never noticed", "set one of 30 to 1200 s")
        pings = link.received(Pingreq)
        if pings and (verdict := _after_ping(link, pings[0][0], terms)) is not None:
            return verdict
    return _without_ping(log) if terms.is_over else None


def _after_ping(link: Link, ping_s: float, terms: Terms) -> Verdict | None:
    """Return a verdict on a connection with a ping that nobody answered."""
    if link.ended_by == "device" and link.ended_s is not None:
        return passed(f"the device hung up {link.ended_s - ping_s:.1f} s after a PINGREQ that nobody answered")
    waited = terms.now_s - ping_s
    if waited > _PATIENCE * _keep_alive_s(link) + _LENIENCY_S:
        fix = "hang up when no PINGRESP comes within the keep-alive, and connect again"
        return failed(f"{waited:.0f} s after its PINGREQ the device still holds the dead connection", fix)
    return None


def _without_ping(log: WireLog) -> Verdict:
    if (verdict := nothing_to_judge(log)) is not None:
        return verdict
    link = log.attempts[0]
    if link.ended_by == "device" and link.ended_s is not None:
        return passed(f"the device hung up {link.ended_s - link.opened_s:.1f} s after nobody answered any more")
    if not any(one.received(Pingreq) for one in log.attempts):
        return failed(f"no PINGREQ came; the keep-alive is {_keep_alive_s(link):.0f} s", "set one of 30 to 1200 s")
    return not_judged("the test's time was over before the device could give up", "set EXECUTION_TIMEOUT higher")


def _keep_alive_s(link: Link) -> float:
    return next((float(packet.keep_alive_s) for _, packet in link.received(Connect)), 0.0)
