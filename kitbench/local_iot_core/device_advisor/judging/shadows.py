"""Judges of a device that reports its state to its shadow, and does what its shadow asks for."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kitbench.local_iot_core.device_advisor.judging.terms import Terms, nothing_to_judge
from kitbench.local_iot_core.device_advisor.stimulus import UPDATE, reported_in
from kitbench.local_iot_core.device_advisor.verdict import Verdict, failed, not_judged, passed
from kitbench.local_iot_core.device_advisor.wire_log import WireLog
from kitbench.local_iot_core.mqtt.mqtt_packets import Publish

_REPORT: Final = 'publish {"state": {"reported": {…}}} on $aws/things/THING/shadow/update'
_FOLLOW: Final = "subscribe to …/shadow/update/delta, do what it asks for, and report the new state"


def judge_reported_state(log: WireLog, terms: Terms) -> Verdict | None:
    """Look for a reported state on a topic of the shadow service, the one asked for where one was."""
    wrong = ""
    for _, topic, payload in _updates(log, terms):
        reported = reported_in(payload)
        if reported is not None and _holds(terms.reported or {}, reported):
            keys = ", ".join(repr(str(key)[:40]) for key in list(reported)[:10]) or "nothing in it"
            return passed(f"the shadow of {_thing(topic)!r} got a reported state with {keys}")
        wrong = "has no reported state" if reported is None else "is not the state that was asked for"
    if not terms.is_over:
        return None
    if (verdict := nothing_to_judge(log)) is not None:
        return verdict
    if wrong:
        return failed(f"what was published to the shadow {wrong}", _REPORT)
    return not_judged("the device published to no shadow", f"{_REPORT}, or leave the test out")


def judge_updated_state(log: WireLog, terms: Terms) -> Verdict | None:
    """Look whether the device reports the state that it was told its shadow differs by."""
    for moment, delta in _deltas(log):
        for later, topic, payload in _updates(log, terms):
            if later >= moment and _holds(delta, reported_in(payload) or {}):
                shown = json.dumps(delta)[:80]
                return passed(
                    f"the device reported {shown} to the shadow of {_thing(topic)!r} {later - moment:.1f} s later"
                )
    if not terms.is_over:
        return None
    if (verdict := nothing_to_judge(log)) is not None:
        return verdict
    if deltas := list(_deltas(log)):
        return failed(f"the device was asked for {json.dumps(deltas[0][1])[:80]}, and did not report it", _FOLLOW)
    return not_judged(
        "the device listens to no shadow's delta, or reported no switch and no number that could be changed",
        f"{_FOLLOW}; name what to ask for by DESIRED_STATE",
    )


def _updates(log: WireLog, terms: Terms) -> Iterator[tuple[float, str, bytes]]:
    """Yield moment, topic and payload of what the device published to its shadows."""
    for _, moment, packet in log.received(Publish):
        match = UPDATE.fullmatch(packet.topic)
        if match is not None and terms.shadow in ("", match[2]):
            yield moment, packet.topic, packet.payload


def _deltas(log: WireLog) -> Iterator[tuple[float, Mapping[str, Any]]]:
    """Yield moment and state of the deltas that the device got."""
    for link in log.links:
        for moment, packet in link.sent(Publish):
            if packet.topic.endswith("/update/delta"):
                yield moment, json.loads(packet.payload)["state"]


def _holds(wanted: Mapping[str, Any], state: Mapping[str, Any]) -> bool:
    """Say whether a state has what is wanted, and perhaps more."""
    return all(
        name in state and (_holds(value, state[name]) if _are_objects(value, state[name]) else value == state[name])
        for name, value in wanted.items()
    )


def _are_objects(*values: Any) -> bool:
    return all(isinstance(value, Mapping) for value in values)


def _thing(topic: str) -> str:
    return topic.split("/")[2]
