"""CloudTrail's record of the IoT calls, as far as a bench asks it: LookupEvents by event name.

When the reply of CreateKeysAndCertificate is lost, only the trail knows the certificate's id. Sources: AWS CloudTrail
API reference, "LookupEvents"; AWS IoT Core developer guide, "Log AWS IoT API calls using AWS CloudTrail".
"""

import collections
import datetime as dt
import json
import threading
import uuid
from typing import Any, Final

from kitbench.local_iot_core.policies.registry import ACCOUNT, REGION

#: Events of one answer at most; calls remembered in all.
_PAGE: Final = 50
_REMEMBERED: Final = 20_000
#: The trail shows no secrets.
_HIDDEN: Final = frozenset({"keyPair"})


class AuditTrail:
    """The calls that changed something, latest last."""

    def __init__(self) -> None:
        self._events: collections.deque[dict[str, Any]] = collections.deque(maxlen=_REMEMBERED)
        self._lock = threading.Lock()

    def record(self, name: str, *, user_agent: str, access_key_id: str, answer: bytes, status: int) -> None:
        """Record one call with its answer, without the secrets in it."""
        try:
            elements = json.loads(answer) if answer else None
        except ValueError:
            elements = None
        shown = {key: value for key, value in elements.items() if key not in _HIDDEN} if elements else None
        now = dt.datetime.now(dt.UTC)
        event: dict[str, Any] = {
            "eventVersion": "1.08",
            "eventID": str(uuid.uuid4()),
            "eventTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": "iot.amazonaws.com",
            "eventName": name,
            "awsRegion": REGION,
            "recipientAccountId": ACCOUNT,
            "userIdentity": {"type": "IAMUser", "accountId": ACCOUNT, "accessKeyId": access_key_id},
            "userAgent": user_agent,
            "responseElements": shown if status < 400 else None,
        }
        if status >= 400:
            event["errorMessage"] = str((elements or {}).get("message", ""))
        with self._lock:
            self._events.append({"time": now.timestamp(), "event": event})

    def look_up(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer LookupEvents: latest first, by event name and time, a page of at most 50."""
        names = {
            attribute.get("AttributeValue")
            for attribute in request.get("LookupAttributes", [])
            if attribute.get("AttributeKey") == "EventName"
        }
        since, until = float(request.get("StartTime", 0)), float(request.get("EndTime", "inf"))
        with self._lock:
            found = [
                item
                for item in reversed(self._events)
                if since <= item["time"] <= until and (not names or item["event"]["eventName"] in names)
            ]
        start = int(request.get("NextToken", 0))
        size = min(int(request.get("MaxResults", _PAGE)), _PAGE)
        answer: dict[str, Any] = {"Events": [_listed(item) for item in found[start : start + size]]}
        if len(found) > start + size:
            answer["NextToken"] = str(start + size)
        return answer


def _listed(item: dict[str, Any]) -> dict[str, Any]:
    event = item["event"]
    return {
        "EventId": event["eventID"],
        "EventName": event["eventName"],
        "EventSource": event["eventSource"],
        "EventTime": item["time"],
        "AccessKeyId": event["userIdentity"]["accessKeyId"],
        "CloudTrailEvent": json.dumps(event),
    }
