"""SigV4 in the query, judged against botocore's own signer."""

import datetime as dt
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from kitbench.local_iot_core.transport.sigv4 import Credentials, SignatureError, verify

OURS = Credentials("AKIALOCAL", "secret")
HOST = "localhost:8883"


def signed(
    *, key_id: str = "AKIALOCAL", secret: str = "secret", service: str = "iotdevicegateway", region: str = "us-east-1"
) -> str:
    """Return path and query of a URL that botocore signed."""
    request = AWSRequest("GET", f"wss://{HOST}/mqtt", headers={"host": HOST})
    SigV4QueryAuth(BotocoreCredentials(key_id, secret), service, region, expires=60).add_auth(request)
    parts = urlsplit(str(request.url))
    return f"{parts.path}?{parts.query}"


def judge(target: str, *, host: str = HOST, later_s: float = 0) -> None:
    now = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=later_s)
    verify(target, {"host": host}, credentials=OURS, region="us-east-1", now=now)


def test_botocore_s_signature_is_good() -> None:
    judge(signed())


def test_session_token_behind_the_signature_is_ignored() -> None:
    judge(signed() + "&X-Amz-Security-Token=token%2Fx")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: "/mqtt", "not signed"),
        (lambda: "/mqtt?%zz&&&", "malformed"),
        (lambda: "/mqtt?" + "&".join(f"a{number}=b" for number in range(100)), "malformed"),
        (lambda: signed(secret="other"), "does not match"),
        (lambda: signed(key_id="AKIAOTHER"), "unknown"),
        (lambda: signed(service="iot"), "made for"),
        (lambda: signed(region="eu-west-1"), "made for"),
        (lambda: signed() + "&extra=1", "does not match"),
        (lambda: signed().replace("X-Amz-Expires=60", "X-Amz-Expires=61"), "does not match"),
        (lambda: signed().replace("X-Amz-Expires=60", "X-Amz-Expires=soon"), "malformed"),
        (lambda: signed().replace("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=date"), "host is not signed"),
    ],
)
def test_other_request_is_refused(make: Callable[[], str], reason: str) -> None:
    """It is signed now and not at collection, which in a long session is longer ago than a signature lasts."""
    with pytest.raises(SignatureError, match=reason):
        judge(make())


def test_other_host_is_refused() -> None:
    with pytest.raises(SignatureError, match="does not match"):
        judge(signed(), host="example.com")


@pytest.mark.parametrize("later_s", [-400, 400])
def test_old_or_future_signature_is_refused(later_s: float) -> None:
    with pytest.raises(SignatureError, match="expired"):
        judge(signed(), later_s=later_s)


def test_secret_is_not_shown() -> None:
    assert "secret" not in repr(OURS).replace("secret_access_key", "")
