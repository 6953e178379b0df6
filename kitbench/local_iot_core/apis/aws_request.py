"""An API call as it came: for which service and region it is signed, and what is refused before anybody reads it.

The signature itself is not checked on the control plane: it is on the loopback of the machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl
from wsgiref.types import WSGIEnvironment

from kitbench.local_iot_core.policies.registry import REGION

#: A request body is never larger on AWS IoT's control plane; what claims to be is refused before it is read.
MAXIMUM_BODY: Final = 1024 * 1024
#: Names that calls are signed for → botocore's name of the service. Older clients sign for `execute-api`.
SIGNED_FOR: Final = {
    "iot": "iot",
    "execute-api": "iot",
    "iotdata": "iot-data",
    "iotdevicegateway": "iot-data",
    "iot-jobs-data": "iot-jobs-data",
    "iotdeviceadvisor": "iotdeviceadvisor",
    "sts": "sts",
    "cloudtrail": "cloudtrail",
    "dynamodb": "dynamodb",
    "iam": "iam",
    "s3": "s3",
    "sns": "sns",
    "sqs": "sqs",
}
_OFFERED: Final = "iot, iot-data, iot-jobs-data, iotdeviceadvisor, sts, cloudtrail, dynamodb, iam, s3, sns and sqs"


class RefusedError(Exception):
    """A request that no service gets to see.

    Attributes:
        status: of HTTP.
        kind: the error's name, as botocore knows it.
    """

    def __init__(self, status: str, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Credential:
    """What a SigV4 header names; empty where there is none."""

    access_key_id: str = ""
    region: str = ""
    signed_for: str = ""


def credential_of(environ: WSGIEnvironment) -> Credential:
    """Return access key id, region and service that a SigV4 header names."""
    _, _, credential = str(environ.get("HTTP_AUTHORIZATION", "")).partition("Credential=")
    parts = credential.split(",")[0].split("/")
    return Credential(parts[0], parts[2], parts[3]) if len(parts) == 5 else Credential()


def service_of(environ: WSGIEnvironment) -> str:
    """Return the service that a request is for, by botocore's name.

    Raises:
        RefusedError: it is for none of ours, unsigned, too large, or comes from a web page.
    """
    if int(environ.get("CONTENT_LENGTH") or 0) > MAXIMUM_BODY:
        raise RefusedError("413 Content Too Large", "RequestEntityTooLargeException", "request body is too large")
    if "HTTP_ORIGIN" in environ:
        raise RefusedError("403 Forbidden", "AccessDeniedException", "calls of web pages are not taken")
    credential = credential_of(environ)
    service = SIGNED_FOR.get(credential.signed_for)
    if service is None:
        named = f"service {credential.signed_for[:40]!r} is not modelled: " if credential.signed_for else ""
        why = f"{named}the local IoT core takes signed calls of {_OFFERED} only, and sends nothing on to AWS"
        raise RefusedError("403 Forbidden", "UnrecognizedClientException", why)
    if credential.region != REGION:
        why = f"Credential should be scoped to a valid region, not '{credential.region}': this is {REGION}"
        raise RefusedError("403 Forbidden", "InvalidSignatureException", why)
    return service


def body_of(environ: WSGIEnvironment) -> bytes:
    """Return the body of a request."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return body


def raw_path_of(environ: WSGIEnvironment) -> str:
    """Return the path as it was sent, percent-encoded: a topic's slash is not the path's."""
    return str(environ.get("REQUEST_URI") or environ["PATH_INFO"]).partition("?")[0]


def query_of(environ: WSGIEnvironment) -> Mapping[str, str]:
    """Return the query's parameters; of repeated ones the last."""
    return dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))


def tag_keys_of(environ: WSGIEnvironment) -> tuple[str, ...]:
    """Return the values of the query's `tagKeys`."""
    pairs = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    return tuple(value for key, value in pairs if key == "tagKeys")


def headers_of(environ: WSGIEnvironment) -> Mapping[str, Any]:
    """Return the headers by lower-case names."""
    return {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
