"""The trail tells our certificates by the name in the user agent, and nothing else does."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.things.audit_trail import ISSUING_CALLS, Issued, certificates_since, sign_calls
from kitbench.cloud.things.names import new_run
from kitbench.cloud.things.removal import Removal

_NAME = "kitbench-00000001-0123456789-kit"
_ID = "ab" * 32


def _event(agent: Any = f"Boto3/1 kitbench/{_NAME}", certificate_id: Any = _ID) -> str:
    return json.dumps({"userAgent": agent, "responseElements": {"certificateId": certificate_id}})


@pytest.fixture(name="trail")
def _trail(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stub of CloudTrail's client, which every client is from now on."""
    client = endpoint.client("cloudtrail")
    monkeypatch.setattr(Endpoint, "client", lambda *_, **__: client)
    with Stubber(client) as stubber:
        yield stubber


def _answers(trail: Any, *pages: list[str]) -> None:
    """Let the first call have these pages, and the second none."""
    expected = {"LookupAttributes": ANY, "StartTime": ANY}
    for number, page in enumerate(pages):
        more = {"NextToken": str(number + 1)} if number + 1 < len(pages) else {}
        asked = expected | ({"NextToken": str(number)} if number else {})
        trail.add_response("lookup_events", {"Events": [{"CloudTrailEvent": event} for event in page], **more}, asked)
    trail.add_response("lookup_events", {"Events": []}, expected)


def test_own_certificates_are_found_over_pages(endpoint: Endpoint, trail: Any) -> None:
    _answers(trail, [_event()], [_event(certificate_id="cd" * 32)])

    search = certificates_since(endpoint, 0)

    assert search.issued == (Issued(_NAME, _ID), Issued(_NAME, "cd" * 32))
    assert search.conclusive
    trail.assert_no_pending_responses()


@pytest.mark.parametrize(
    "event",
    [
        "",
        "[]",
        "null",
        "{}",
        _event(agent="Boto3/1"),
        _event(agent=None),
        _event(agent=f"Boto3/1 xkitbench/{_NAME}"),
        _event(agent=f"Boto3/1 kitbench/{_NAME}-2"),
        _event(agent="Boto3/1 kitbench/notes"),
        _event(certificate_id="../x"),
        _event(certificate_id=None),
        json.dumps({"userAgent": f"kitbench/{_NAME}", "responseElements": None}),
    ],
)
def test_foreign_or_spoilt_event_is_nobodys(endpoint: Endpoint, trail: Any, event: str) -> None:
    _answers(trail, [event])

    assert certificates_since(endpoint, 0).issued == ()


def test_trail_without_right_is_not_conclusive(endpoint: Endpoint, trail: Any) -> None:
    trail.add_client_error("lookup_events", "AccessDeniedException", "no")

    search = certificates_since(endpoint, 0)

    assert not search.conclusive
    assert "AccessDeniedException" in search.trouble


def test_endless_trail_ends(endpoint: Endpoint, trail: Any) -> None:
    for _ in range(41):
        trail.add_response("lookup_events", {"Events": [], "NextToken": "again"}, None)

    search = certificates_since(endpoint, 0)

    assert "more than 40 pages" in search.trouble


def test_search_begins_before_the_ledgers_time(endpoint: Endpoint, trail: Any) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    start = datetime(2025, 12, 31, 23, 45, tzinfo=UTC)
    for call in ISSUING_CALLS:
        attributes = [{"AttributeKey": "EventName", "AttributeValue": call}]
        trail.add_response("lookup_events", {"Events": []}, {"LookupAttributes": attributes, "StartTime": start})

    certificates_since(endpoint, since)

    trail.assert_no_pending_responses()


def test_signed_call_is_found_in_a_real_trail_and_unsigned_is_not(endpoint: Endpoint, iot: Any) -> None:
    name, begun = new_run().name("kit"), time.time()
    signing = endpoint.client("iot")
    sign_calls(signing, name)
    own = signing.create_keys_and_certificate(setAsActive=False)["certificateId"]
    foreign = iot.create_keys_and_certificate(setAsActive=False)["certificateId"]

    issued = certificates_since(endpoint, begun).issued

    assert Issued(name, own) in issued
    assert foreign not in {one.certificate_id for one in issued}
    for certificate_id in (own, foreign):
        Removal(endpoint, iot).certificate(certificate_id)
