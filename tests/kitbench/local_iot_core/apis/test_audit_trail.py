"""CloudTrail's LookupEvents, as far as a bench asks it."""

import json
from typing import Any

from kitbench.local_iot_core.apis.audit_trail import AuditTrail


def record(trail: AuditTrail, name: str, answer: dict[str, Any], *, status: int = 200) -> None:
    body = json.dumps(answer).encode()
    trail.record(name, user_agent="Boto3 kitbench/run-1", access_key_id="AKIA", answer=body, status=status)


def look_up(trail: AuditTrail, **request: Any) -> list[dict[str, Any]]:
    return [json.loads(event["CloudTrailEvent"]) for event in trail.look_up(request)["Events"]]


def test_latest_event_comes_first_and_by_name() -> None:
    trail = AuditTrail()
    record(trail, "CreateThing", {"thingName": "a"})
    record(trail, "CreatePolicy", {"policyName": "b"})
    record(trail, "CreateThing", {"thingName": "c"})

    attributes = [{"AttributeKey": "EventName", "AttributeValue": "CreateThing"}]
    events = look_up(trail, LookupAttributes=attributes)

    assert [event["responseElements"]["thingName"] for event in events] == ["c", "a"]
    assert events[0]["userAgent"] == "Boto3 kitbench/run-1"


def test_secrets_are_not_shown() -> None:
    trail = AuditTrail()
    record(trail, "CreateKeysAndCertificate", {"certificateId": "id", "keyPair": {"PrivateKey": "secret"}})

    assert "secret" not in json.dumps(trail.look_up({}))
    assert look_up(trail)[0]["responseElements"] == {"certificateId": "id"}


def test_failed_call_shows_its_error() -> None:
    trail = AuditTrail()
    record(trail, "DeletePolicy", {"message": "attached"}, status=409)

    [event] = look_up(trail)
    assert (event["errorMessage"], event["responseElements"]) == ("attached", None)


def test_pages_have_at_most_50_events() -> None:
    trail = AuditTrail()
    for number in range(120):
        record(trail, "CreateThing", {"thingName": str(number)})

    sizes: list[int] = []
    token: dict[str, str] = {}
    while True:
        answer = trail.look_up({"MaxResults": 1000} | token)
        sizes.append(len(answer["Events"]))
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert sizes == [50, 50, 20]


def test_events_before_the_time_asked_for_are_left_out() -> None:
    trail = AuditTrail()
    record(trail, "CreateThing", {})

    assert look_up(trail, StartTime=4_000_000_000) == []
    assert len(look_up(trail, StartTime=0)) == 1
