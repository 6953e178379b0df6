"""Judges of messages: CONNECT, SUBSCRIBE, PUBLISH and their acknowledgements."""

from kitbench.local_iot_core.device_advisor.judging.terms import Terms, nothing_to_judge
from kitbench.local_iot_core.device_advisor.verdict import Verdict, failed, not_judged, passed, warned
from kitbench.local_iot_core.device_advisor.wire_event import Step
from kitbench.local_iot_core.device_advisor.wire_log import Link, WireLog
from kitbench.local_iot_core.mqtt.mqtt_packets import MQTT_5, Connack, Puback, Publish, Suback, Subscribe

#: From this code on a SUBACK refuses (MQTT 3.1.1, 3.9.3).
_REFUSED = 0x80


def judge_connect(log: WireLog, terms: Terms) -> Verdict | None:
    """Look for a CONNECT, and what the endpoint answers."""
    for link in log.attempts:
        connect = link.connect
        assert connect is not None
        version = "5" if connect.protocol_level == MQTT_5 else "3.1.1"
        came = f"CONNECT of {connect.client_id!r} came, MQTT {version}, keep-alive {connect.keep_alive_s} s"
        codes = [packet.code for _, packet in link.sent(Connack)]
        if 0 in codes:
            return passed(f"{came}, and was accepted")
        if link.ended_by == "endpoint" or codes:
            return warned(f"{came}, and was refused: {link.why or f'code {codes[0]}'}", "see the policy and client id")
    if not terms.is_over:
        return None
    verdict = nothing_to_judge(log)
    if verdict is not None and any(link.secured_s is not None for link in log.links):
        return failed("TLS was completed, and no CONNECT came", "send CONNECT when TLS is done")
    return verdict or failed("CONNECT came, and the device hung up before it was answered", "wait for CONNACK")


def judge_subscribe(log: WireLog, terms: Terms) -> Verdict | None:
    """Look for granted subscriptions, to the topics asked for where some were."""
    granted = {topic: qos for link in log.links for topic, qos in _granted(link).items()}
    missing = [topic for topic in terms.topics if topic not in granted]
    if granted and not missing:
        shown = ", ".join(f"{topic!r} with QoS {qos}" for topic, qos in granted.items())
        return passed(f"SUBSCRIBE came and was granted: {shown}")
    if (refused := _refused_subscription(log)) is not None:
        return failed(f"SUBSCRIBE came and was refused: {refused}", "let the policy allow iot:Subscribe on the topic")
    if not terms.is_over:
        return None
    if (verdict := nothing_to_judge(log)) is not None:
        return verdict
    if granted:
        return failed(f"no SUBSCRIBE to {missing[0]!r}; there was one to {next(iter(granted))!r}", "subscribe to it")
    return failed("no SUBSCRIBE came after CONNACK", "subscribe when the connection is made")


def _granted(link: Link) -> dict[str, int]:
    """Return the topic filters that were granted on a connection, with their QoS."""
    asked = {packet.packet_id: packet.requests for _, packet in link.received(Subscribe)}
    found: dict[str, int] = {}
    for _, suback in link.sent(Suback):
        for request, code in zip(asked.get(suback.packet_id, ()), suback.codes, strict=False):
            if code < _REFUSED:
                found[request.topic_filter] = code
    return found


def _refused_subscription(log: WireLog) -> str | None:
    for link, _, packet in log.received(Subscribe):
        topic = packet.requests[0].topic_filter if packet.requests else ""
        if any(code >= _REFUSED for _, suback in link.sent(Suback) for code in suback.codes):
            return f"SUBACK says so for {topic!r}"
        # AWS IoT Core hangs up on a subscription that the policy does not allow.
        if link.ended_by == "endpoint" and not link.sent(Suback):
            return f"{topic!r}: {link.why}"
    return None


def judge_publish(log: WireLog, terms: Terms) -> Verdict | None:
    """Look for a message with QoS 0, on the topic and with the payload asked for where they were."""
    seen: list[Publish] = []
    for link, _, packet in log.received(Publish):
        fits = terms.topic in ("", packet.topic) and terms.payload in (None, packet.payload)
        if fits and packet.qos == 0 and not _was_cut_for(link, packet):
            return passed(f"PUBLISH came: QoS 0, topic {packet.topic!r}, {len(packet.payload)} bytes")
        seen.append(packet)
    cut = next((link for link, _, packet in log.received(Publish) if _was_cut_for(link, packet)), None)
    if cut is not None:
        return failed(f"PUBLISH came and was refused: {cut.why}", "let the policy allow iot:Publish on the topic")
    if not terms.is_over:
        return None
    if (verdict := nothing_to_judge(log)) is not None:
        return verdict
    if not seen:
        return failed("no PUBLISH came", "publish a message with QoS 0 when the connection is made")
    last = seen[-1]
    return failed(
        f"none of {len(seen)} messages is what was asked for; the last was QoS {last.qos} on {last.topic!r}",
        "publish with QoS 0, on the topic and with the payload of the test's configuration",
    )


def _was_cut_for(link: Link, packet: Publish) -> bool:
    """Say whether the endpoint hung up in answer to a packet: it was the last one that it took."""
    last = next((one.packet for one in reversed(link.events) if one.step is Step.RECEIVED), None)
    return link.ended_by == "endpoint" and last is packet


def judge_retained(log: WireLog, terms: Terms) -> Verdict | None:
    """Look for a message with RETAIN that the broker keeps, on the topic asked for where one was."""
    wrong = ""
    for link, _, packet in log.received(Publish):
        if not packet.retain or terms.topic not in ("", packet.topic):
            continue
        was_cut = _was_cut_for(link, packet)
        if packet.payload and not was_cut:
            return passed(f"PUBLISH with RETAIN came: topic {packet.topic!r}, {len(packet.payload)} bytes")
        wrong = f"and was refused: {link.why}" if was_cut else "without a payload, which removes what was retained"
    if not terms.is_over:
        return None
    if wrong:
        return failed(f"PUBLISH with RETAIN came {wrong}", "retain messages with a payload, on topics of your own")
    reason = "the device published nothing with RETAIN"
    return nothing_to_judge(log) or not_judged(reason, "publish with RETAIN, or leave the test out")


def judge_puback(log: WireLog, terms: Terms) -> Verdict | None:
    """Look whether a message with QoS 1 is acknowledged."""
    return judge_acknowledged_delivery(
        log, terms, what="a message with QoS 1", fix="acknowledge each PUBLISH with QoS 1 by a PUBACK"
    )


def judge_acknowledged_delivery(log: WireLog, terms: Terms, *, what: str, fix: str) -> Verdict | None:
    """Look whether what the endpoint publishes with QoS 1 is acknowledged."""
    for link in log.links:
        sent = {packet.packet_id: moment for moment, packet in link.sent(Publish) if terms.is_delivered(packet)}
        for moment, puback in link.received(Puback):
            if puback.packet_id in sent:
                return passed(f"{what} was acknowledged after {moment - sent[puback.packet_id]:.1f} s")
    delivered = [link for link in log.links if any(terms.is_delivered(packet) for _, packet in link.sent(Publish))]
    gone = next((link for link in delivered if link.ended_by == "device"), None)
    if gone is not None:
        return failed(f"the device hung up on {what}", fix)
    if not terms.is_over:
        return None
    if delivered:
        return failed(f"{what} was not acknowledged", fix)
    if (verdict := nothing_to_judge(log)) is not None:
        return verdict
    return not_judged(
        f"{terms.heard_nothing}, so that nothing could be sent to it",
        "subscribe with QoS 1 to the topic of the test, TRIGGER_TOPIC",
    )
