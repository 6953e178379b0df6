"""What the endpoint sends a device, where a test's configuration says more than the test itself. Pure.

Sources: AWS IoT Core developer guide, Device Advisor, "MQTT" (TRIGGER_TOPIC, PAYLOAD_SIZE), "TLS" (PAYLOAD_FORMAT),
"Shadow" (DESIRED_STATE, and the client token of Device Advisor's own updates) and "Job execution" (JOB_DOCUMENT).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kitbench.local_iot_core.broker.session import Message
from kitbench.local_iot_core.device_advisor.behaviour import LARGE_PAYLOAD, Delivery
from kitbench.local_iot_core.device_advisor.wire_log import WireLog
from kitbench.local_iot_core.mqtt.mqtt_packets import Publish, Suback, Subscribe
from kitbench.local_iot_core.mqtt.topic import matches

_SMALL: Final = b'{"message": "Device Advisor"}'
#: Where the payload stands in PAYLOAD_FORMAT.
_PLACE: Final = "${payload}"
CLIENT_TOKEN: Final = "DeviceAdvisorShadowTestCaseSetup"  # noqa: S105 - a token that names a sender
#: Topics of AWS IoT's shadow service, classic and named.
UPDATE: Final = re.compile(r"\$aws/things/([^/]+)/shadow(?:/name/([^/]+))?/update")
_REFUSED: Final = 0x80


@dataclass(frozen=True, slots=True)
class Stimulus:
    """What is sent.

    Attributes:
        topic: TRIGGER_TOPIC; "" for one that the device has subscribed to.
        payload: of a message; None for the usual one.
        form: around a large payload, with ``${payload}``; "" for none.
        desired: that the device's shadow is to get; None for what the device reported, changed.
        job_document: what the device's job says, JSON; "" for one that asks for nothing.
        job_id: of that job; "" for one of ours.
    """

    topic: str = ""
    payload: bytes | None = None
    form: str = ""
    desired: Mapping[str, Any] | None = None
    job_document: str = ""
    job_id: str = ""

    def payload_of(self, delivery: Delivery) -> bytes:
        """Return the payload of a delivery."""
        if delivery is not Delivery.LARGE:
            return _SMALL if self.payload is None else self.payload
        around = len(self.form.replace(_PLACE, "").encode())
        filler = "x" * max(LARGE_PAYLOAD - around, 0)
        return self.form.replace(_PLACE, filler).encode() if self.form else _SMALL.ljust(LARGE_PAYLOAD)


USUAL: Final = Stimulus()


def desired_update(log: WireLog, stimulus: Stimulus) -> Message | None:
    """Return the update of a shadow that is due now: the device listens to it, and the state to ask for is known.

    None where it is not due yet.
    """
    for topic in _updates(log):
        reported = last_reported(log, topic)
        desired = stimulus.desired if stimulus.desired is not None else changed(reported or {})
        if desired and listens(log, f"{topic}/delta"):
            body = {"state": {"desired": desired}, "clientToken": CLIENT_TOKEN}
            return Message(topic, json.dumps(body).encode())
    return None


def _updates(log: WireLog) -> list[str]:
    """Return the topics on which the device's shadows are updated, as it publishes there or listens to their deltas."""
    published = [packet.topic for _, _, packet in log.received(Publish) if UPDATE.fullmatch(packet.topic)]
    filters = [request.topic_filter for _, _, packet in log.received(Subscribe) for request in packet.requests]
    bases = [name.removesuffix("/delta") for name in filters if name.endswith("/update/delta")]
    return list(dict.fromkeys([*published, *(base for base in bases if UPDATE.fullmatch(base))]))


def listens(log: WireLog, topic: str) -> bool:
    """Say whether a filter that matches the topic was granted on a connection that stands."""
    for link in log.links:
        asked = {packet.packet_id: packet.requests for _, packet in link.received(Subscribe)}
        for _, suback in link.sent(Suback) if link.ended_s is None else ():
            pairs = zip(asked.get(suback.packet_id, ()), suback.codes, strict=False)
            if any(code < _REFUSED and matches(one.topic_filter, topic) for one, code in pairs):
                return True
    return False


def last_reported(log: WireLog, topic: str) -> dict[str, Any] | None:
    """Return the reported state that the device published last on a topic; None where there is none."""
    states = [reported_in(packet.payload) for _, _, packet in log.received(Publish) if packet.topic == topic]
    return next((state for state in reversed(states) if state is not None), None)


def reported_in(payload: bytes) -> dict[str, Any] | None:
    """Return the reported state of an update; None where there is none."""
    try:
        reported = json.loads(payload)["state"]["reported"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return reported if isinstance(reported, dict) else None


def changed(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the switches and numbers of a state, each with another value: what a device may be asked for unseen."""
    found: dict[str, Any] = {}
    for name, value in state.items():
        if isinstance(value, bool):
            found[name] = not value
        elif isinstance(value, int | float):
            found[name] = value + 1
    return found
