"""A local IoT core in a process of its own, endpoints of it, and faults on the way there."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session

from kitbench.cloud.endpoint import Endpoint, local_endpoint
from kitbench.cloud.things.ledger import Ledger, open_ledger


@pytest.fixture(name="core_line", scope="session")
def _core_line() -> Iterator[str]:
    """The line of a running `kitbench local-iot-core --json`."""
    arguments = [sys.executable, "-m", "kitbench", "local-iot-core", "--json", "--die-with-parent"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert json.loads(line)["mqtt_port"], line
        yield line
        process.terminate()
        process.wait(60)


@pytest.fixture(name="endpoint", scope="session")
def _endpoint(core_line: str) -> Endpoint:
    """The local IoT core as endpoint; its audit trail lags by nothing."""
    return replace(local_endpoint(core_line), audit_delay_s=0.0)


@pytest.fixture(autouse=True)
def _temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders with keys are made below the test's own folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture(name="iot", scope="session")
def _iot(endpoint: Endpoint) -> Any:
    """Somebody else's client of the same account; faults and hooks of a test do not reach it."""
    return endpoint.client("iot")


@pytest.fixture(name="ledgers")
def _ledgers(tmp_path: Path) -> Path:
    """The folder of this bench's ledgers."""
    return tmp_path / "ledgers"


@pytest.fixture(name="ledger")
def _ledger(endpoint: Endpoint, ledgers: Path) -> Iterator[Ledger]:
    """The open ledger of one run."""
    with open_ledger(endpoint.cloud_id, folder=ledgers) as ledger:
        yield ledger


@pytest.fixture(name="account")
def _account(iot: Any) -> Callable[[], set[str]]:
    """All things, policies and certificates of the account, when called."""

    def listed() -> set[str]:
        names = {"list_things": "thingName", "list_policies": "policyName", "list_certificates": "certificateId"}
        found = set()
        for operation, name in names.items():
            for page in iot.get_paginator(operation).paginate():
                items = next(value for value in page.values() if isinstance(value, list))
                found |= {f"{name} {item[name]} {item.get('status', '')}".strip() for item in items}
        return found

    return listed


@pytest.fixture(autouse=True)
def _clean_account(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test that has an endpoint leaves the account as it found it, or fails."""
    if "endpoint" not in request.fixturenames:
        yield
        return
    account = request.getfixturevalue("account")
    before = account()
    yield
    assert account() == before


class Fault(Enum):
    """What happens to a request on its way."""

    THROTTLED = auto()
    SERVER_ERROR = auto()
    TIMED_OUT = auto()
    #: The call succeeds and its answer does not come.
    REPLY_LOST = auto()
    CONFLICT = auto()
    CLOCK_SKEW = auto()
    CREDENTIALS_EXPIRED = auto()
    DENIED = auto()
    #: Somebody presses Ctrl-C.
    INTERRUPTED = auto()


_ANSWERS = {
    Fault.THROTTLED: (429, "ThrottlingException", "Rate exceeded"),
    Fault.SERVER_ERROR: (503, "ServiceUnavailableException", ""),
    Fault.CONFLICT: (409, "DeleteConflictException", "Cannot delete: detach it first"),
    Fault.CLOCK_SKEW: (403, "InvalidSignatureException", "Signature expired: 20200101T000000Z is now earlier than"),
    Fault.CREDENTIALS_EXPIRED: (403, "ExpiredTokenException", "The security token included in the request is expired"),
    Fault.DENIED: (403, "AccessDeniedException", "User is not authorized to perform it"),
}


class _Body:
    """The raw body of an answer, as urllib3 gives it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._content


@dataclass
class Injection:
    """Faults put on one operation; `hits` counts those that struck."""

    fault: Fault
    times: int
    hits: int = 0

    def __call__(self, request: Any, **_: object) -> AWSResponse | None:
        if self.hits >= self.times:
            return None
        self.hits += 1
        if self.fault is Fault.INTERRUPTED:
            raise KeyboardInterrupt
        if self.fault is Fault.REPLY_LOST:
            URLLib3Session().send(request)
        if self.fault in (Fault.REPLY_LOST, Fault.TIMED_OUT):
            raise ReadTimeoutError(endpoint_url=request.url)
        status, code, message = _ANSWERS[self.fault]
        headers = HTTPHeaders()
        headers["x-amzn-ErrorType"] = code
        return AWSResponse(request.url, status, headers, _Body(json.dumps({"message": message}).encode()))


@pytest.fixture(name="inject")
def _inject(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Injection]]:
    """Put a fault on an operation of the endpoint's clients; botocore's pauses between attempts take no time."""
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
    events: Any = endpoint.session().events
    registered: list[tuple[str, Injection]] = []

    def inject(operation: str, fault: Fault, *, times: int = 1) -> Injection:
        injection = Injection(fault, times)
        registered.append((f"before-send.iot.{operation}", injection))
        # Last, so that what sends the request itself sends it as the bench made it.
        events.register_last(*registered[-1])
        return injection

    yield inject
    for event, injection in registered:
        events.unregister(event, injection)


@pytest.fixture(name="fault")
def _fault() -> type[Fault]:
    """The kinds of fault."""
    return Fault
