"""Whom the cloud did not let in, and why, as far as it tells: the local IoT core writes it down, AWS does not.

AWS IoT Core closes the connection of a client that it refuses and says nothing to anybody but CloudWatch.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from kitbench.cloud.endpoint import Endpoint

#: The local IoT core's events of refusals, by what was refused.
_REFUSALS: Final = {
    "tls_refused": "the TLS handshake",
    "connect_refused": "the connection",
    "subscribe_refused": "a subscription",
    "publish_refused": "a message",
}
_LOOK_EVERY_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that the cloud refused a client.

    Attributes:
        time: seconds since 1970.
        what: was refused, in words.
        reason: the cloud's own, in one line.
        certificate_id: of the client, "" where it did not come so far as to show one.
        is_of_connecting: whether the client was not let in at all.
    """

    time: float
    what: str
    reason: str
    certificate_id: str = ""
    is_of_connecting: bool = True

    def __str__(self) -> str:
        return f"the cloud refused {self.what}: {self.reason}"


def tells_refusals(endpoint: Endpoint) -> bool:
    """Whether this cloud tells of the attempts that it refuses."""
    return endpoint.events_file is not None


def refusals(endpoint: Endpoint, *, after: float) -> list[Refusal]:
    """Return what was refused since a moment (seconds since 1970), oldest first; nothing where nobody tells."""
    if endpoint.events_file is None:
        return []
    return [one for one in _parsed(endpoint.events_file) if one.time >= after]


def wait_for_refusal(
    endpoint: Endpoint, *, certificate_id: str, after: float, timeout_s: float, unless: Callable[[], None]
) -> Refusal | None:
    """Return the first time that a client with this certificate was not let in, None when none came in time.

    Args:
        endpoint: a cloud that tells.
        certificate_id: of the client.
        after: seconds since 1970.
        timeout_s: the most that the wait may take.
        unless: called several times a second; it raises when waiting has become pointless.
    """
    end = time.monotonic() + timeout_s
    while True:
        for one in refusals(endpoint, after=after):
            if one.is_of_connecting and one.certificate_id == certificate_id:
                return one
        if time.monotonic() >= end:
            return None
        unless()
        time.sleep(_LOOK_EVERY_S)


def _parsed(file: Path) -> Iterator[Refusal]:
    if not file.exists():
        return
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            # Most lines are messages; and the last one may be only half written.
            if "_refused" in line and line.endswith("\n"):
                yield from _refusal(json.loads(line))


def _refusal(event: dict[str, Any]) -> Iterator[Refusal]:
    kind = str(event["event"])
    if kind in _REFUSALS:
        yield Refusal(
            time=datetime.fromisoformat(str(event["time"])).timestamp(),
            what=_REFUSALS[kind],
            reason=str(event.get("reason", "")),
            certificate_id=str(event.get("principal") or ""),
            is_of_connecting=kind in {"tls_refused", "connect_refused"},
        )
