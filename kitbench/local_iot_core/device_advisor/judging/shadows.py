"""Judge of a device that reports its state to its shadow."""

import json
import re
from typing import Final

from kitbench.local_iot_core.device_advisor.judging.terms import Terms, nothing_to_judge
from kitbench.local_iot_core.device_advisor.verdict import Verdict, failed, not_judged, passed
from kitbench.local_iot_core.device_advisor.wire_log import WireLog
from kitbench.local_iot_core.mqtt.mqtt_packets import Publish

#: Topics of AWS IoT's shadow service, classic and named.
_UPDATE: Final = re.compile(r"\$aws/things/([^/]+)/shadow(?:/name/[^/]+)?/update")
_MEND: Final = 'publish {"state": {"reported": {…}}} on $aws/things/THING/shadow/update'


def judge_reported_state(log: WireLog, terms: Terms) -> Verdict | None:
    """Look for a reported state on a topic of the shadow service."""
    wrong = ""
    for _, _, packet in log.received(Publish):
        if (match := _UPDATE.fullmatch(packet.topic)) is None:
            continue
        if (keys := _reported(packet.payload)) is not None:
            return passed(
                f"the shadow of {match[1]!r} got a reported state with {', '.join(map(repr, keys)) or 'nothing in it'}"
            )
        wrong = packet.topic
    if not terms.is_over:
        return None
    if (verdict := nothing_to_judge(log)) is not None:
        return verdict
    if wrong:
        return failed(f"what was published on {wrong!r} has no reported state", _MEND)
    return not_judged("the device published to no shadow", f"{_MEND}, or leave the test out")


def _reported(payload: bytes) -> list[str] | None:
    """Return the keys of a reported state; None where there is none."""
    try:
        reported = json.loads(payload)["state"]["reported"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return [str(key)[:40] for key in list(reported)[:10]] if isinstance(reported, dict) else None
