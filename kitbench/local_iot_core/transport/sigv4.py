"""Verification of the SigV4 signature in the query of a WebSocket's URL. Pure.

Sources: AWS Signature Version 4, "Create a signed AWS API request"; AWS IoT Core developer guide, "MQTT over WSS"
(service name `iotdevicegateway`; the session token is added after signing).
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_SERVICE: Final = "iotdevicegateway"
_EMPTY_HASH: Final = hashlib.sha256(b"").hexdigest()
#: How far the clocks may be apart.
_SKEW: Final = dt.timedelta(minutes=5)
#: Longest life of a signed URL, in seconds.
_MAXIMUM_EXPIRY_S: Final = 86_400
#: Parameters of a signed URL are few; more is no signature.
_MAXIMUM_PARAMETERS: Final = 32


class SignatureError(Exception):
    """The request is not signed by the credentials it names; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials of the local IoT core's one user, made at start."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


def verify(target: str, headers: Mapping[str, str], *, credentials: Credentials, region: str, now: dt.datetime) -> None:
    """Check the signature of a GET.

    Args:
        target: path and query as sent.
        headers: with lower-case names.
        credentials: that it must be made with.
        region: that it must be made for.
        now: the time, with its zone.

    Raises:
        SignatureError: it is missing, wrong, too old, or of other credentials.
    """
    path, _, query = target.partition("?")
    parameters = _parse_query(query)
    scope = _check_scope(parameters, credentials, region)
    _check_time(parameters, now)
    expected = _signature(path, headers, parameters, scope, credentials)
    if not hmac.compare_digest(expected, parameters.get("X-Amz-Signature", "")):
        raise SignatureError("signature does not match")


def _parse_query(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=_MAXIMUM_PARAMETERS)
    except ValueError as error:
        raise SignatureError("query is malformed") from error
    parameters = dict(pairs)
    if parameters.get("X-Amz-Algorithm") != _ALGORITHM:
        raise SignatureError("request is not signed with SigV4")
    return parameters


def _check_scope(parameters: Mapping[str, str], credentials: Credentials, region: str) -> str:
    key_id, _, scope = parameters.get("X-Amz-Credential", "").partition("/")
    if key_id != credentials.access_key_id:
        raise SignatureError("access key id is unknown")
    day = parameters.get("X-Amz-Date", "")[:8]
    if scope != f"{day}/{region}/{_SERVICE}/aws4_request":
        raise SignatureError(f"signature is made for {scope[:80]!r}, expected region {region} and {_SERVICE}")
    return scope


def _check_time(parameters: Mapping[str, str], now: dt.datetime) -> None:
    try:
        signed = dt.datetime.strptime(parameters.get("X-Amz-Date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        expiry_s = min(int(parameters.get("X-Amz-Expires", "300")), _MAXIMUM_EXPIRY_S)
    except ValueError as error:
        raise SignatureError("date or expiry of the signature is malformed") from error
    if not signed - _SKEW <= now <= signed + dt.timedelta(seconds=max(expiry_s, 0)) + _SKEW:
        raise SignatureError("signature has expired, or the clocks differ")


def _signature(
    path: str, headers: Mapping[str, str], parameters: Mapping[str, str], scope: str, credentials: Credentials
) -> str:
    # AWS IoT takes the session token unsigned, behind the signature.
    signed = {key: value for key, value in parameters.items() if key not in {"X-Amz-Signature", "X-Amz-Security-Token"}}
    query = "&".join(f"{quote(key, safe='-_.~')}={quote(value, safe='-_.~')}" for key, value in sorted(signed.items()))
    names = parameters.get("X-Amz-SignedHeaders", "")
    if "host" not in names.split(";"):
        raise SignatureError("host is not signed")
    lines = "".join(f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in names.split(";"))
    request = f"GET\n{quote(path, safe='/-_.~')}\n{query}\n{lines}\n{names}\n{_EMPTY_HASH}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"{_ALGORITHM}\n{parameters['X-Amz-Date']}\n{scope}\n{digest}"
    key = f"AWS4{credentials.secret_access_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()
