"""Certificates whose id we never learned, found by the account's own record of who asked for them.

`CreateKeysAndCertificate` takes no name and certificates carry no tags: when its reply is lost, nothing in the
certificate says whose it is, and neither its age nor its being unattached makes it ours. AWS CloudTrail, on in every
account, records for each call the user agent it came with and the id of the certificate it made. So the bench names
the thing in the user agent of these calls, and recovery asks the trail.
Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-using-cloudtrail.html
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.things.names import parse_name
from kitbench.errors import CloudError

#: Calls that make a certificate, as CloudTrail names them.
ISSUING_CALLS: Final = ("CreateKeysAndCertificate", "CreateCertificateFromCsr")
#: How far clocks may be apart, in seconds: begins the search that much before the ledger's time.
_SKEW_S: Final = 900
#: Fifty events a page, two pages a second: the search is bounded whatever the account does.
_PAGES_MAX: Final = 40
_AGENT: Final = re.compile(r"(?:^|[ \[])kitbench/([0-9a-z-]+)")
_CERTIFICATE_ID: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Issued:
    """One call that made a certificate for a thing of ours."""

    name: str
    certificate_id: str


@dataclass(frozen=True, slots=True)
class Search:
    """What the trail knows.

    Attributes:
        issued: in the trail's order, latest first.
        conclusive: nothing more can come to light.
        trouble: why the trail could not be asked, in one line; empty when it could.
    """

    issued: tuple[Issued, ...]
    conclusive: bool
    trouble: str = ""


def sign_calls(client: Any, name: str) -> None:
    """Let every certificate that this client asks for be known by `name`, one of ours, in the user agent."""

    def add_name(request: Any, **_: object) -> None:
        # Only here: botocore rebuilds the header when it makes the request, and does not sign it.
        agent = request.headers.get("User-Agent", "")
        text = agent.decode("ascii") if isinstance(agent, bytes) else agent
        request.headers["User-Agent"] = f"{text} kitbench/{name}"

    for call in ISSUING_CALLS:
        client.meta.events.register(f"before-send.iot.{call}", add_name)


def certificates_since(endpoint: Endpoint, since: float) -> Search:
    """Return the certificates asked for in the name of things of ours.

    Args:
        endpoint: whose trail to ask; no right to do so is no error, but then nothing is conclusive.
        since: when the first call may have been made, in seconds since 1970.
    """
    client = endpoint.client("cloudtrail")
    issued: list[Issued] = []
    try:
        for call in ISSUING_CALLS:
            issued.extend(_issued_by(client, call, since))
    except (ClientError, BotoCoreError, CloudError) as error:
        return Search(
            tuple(issued), conclusive=False, trouble=f"cannot ask CloudTrail: {' '.join(str(error).split())[:200]}"
        )
    return Search(tuple(issued), conclusive=time.time() >= since + endpoint.audit_delay_s)


def _issued_by(client: Any, call: str, since: float) -> Iterator[Issued]:
    attributes = [{"AttributeKey": "EventName", "AttributeValue": call}]
    start = datetime.fromtimestamp(max(0.0, since - _SKEW_S), UTC)
    more: dict[str, str] = {}
    for _ in range(_PAGES_MAX):
        answer = client.lookup_events(LookupAttributes=attributes, StartTime=start, **more)
        for event in answer["Events"]:
            yield from _read_event(event.get("CloudTrailEvent", ""))
        if not answer.get("NextToken"):
            return
        more = {"NextToken": answer["NextToken"]}
    raise CloudError(f"more than {_PAGES_MAX} pages of {call} events")


def _read_event(text: str) -> Iterator[Issued]:
    try:
        event = json.loads(text)
        agent, certificate_id = event["userAgent"], event["responseElements"]["certificateId"]
        name = _AGENT.search(agent)
    except (ValueError, KeyError, TypeError):
        return
    if name is not None and parse_name(name[1]) is not None and _CERTIFICATE_ID.fullmatch(str(certificate_id)):
        yield Issued(name[1], certificate_id)
