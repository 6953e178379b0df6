"""The control plane: moto's IoT and STS, mended, behind one loopback HTTP port, and the registry as the broker sees it.

Only these two of moto's services are loaded: the process starts for every submission.
"""

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIEnvironment

from cryptography import x509
from moto.iot import models as moto_iot
from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from kitbench.local_iot_core.authorization import certificate_variables
from kitbench.local_iot_core.certificate_authority import CertificateAuthority
from kitbench.local_iot_core.certificate_issuing import IssuingBackend
from kitbench.local_iot_core.events import EventLog
from kitbench.local_iot_core.policy import Policy, PolicyError, parse_policy
from kitbench.local_iot_core.registry import ACCOUNT, REGION, Certificate, Registry, Thing

#: A request body is never larger on AWS IoT's control plane; what claims to be is refused before it is read.
_MAXIMUM_BODY: Final = 1024 * 1024


class _QuietHandler(WSGIRequestHandler):
    """Serves without a log line per request; events record what changes."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class ControlPlane:
    """The HTTP endpoint that boto3's `endpoint_url` names.

    Args:
        authority: signs devices' certificates.
        events: records changes.
        on_change: gets a new snapshot after every call, before the call's answer is sent.
        trust_foreign: is told certificates of other CAs, as PEM.
    """

    def __init__(
        self,
        authority: CertificateAuthority,
        events: EventLog,
        *,
        on_change: Callable[[Registry], None],
        trust_foreign: Callable[[bytes], None],
    ) -> None:
        self._events = events
        self._on_change = on_change
        self._lock = threading.Lock()
        self._backend = _install_backend(authority, trust_foreign)
        self._applications = {name: create_backend_app(name) for name in ("iot", "sts")}
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", 0, self._serve, threaded=True, request_handler=_QuietHandler
        )
        self._thread = threading.Thread(target=self._server.serve_forever, name="control plane", daemon=True)

    @property
    def url(self) -> str:
        """What boto3 takes as `endpoint_url`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Serve, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def registry(self) -> Registry:
        """Return a snapshot of what is registered now."""
        return snapshot(self._backend)

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        scope = _credential_scope(environ)
        if int(environ.get("CONTENT_LENGTH") or 0) > _MAXIMUM_BODY:
            return _error(
                start_response, "413 Content Too Large", "RequestEntityTooLargeException", "body is too large"
            )
        if scope is None or scope[1] not in self._applications:
            why = "the local IoT core serves signed calls of iot and sts only"
            return _error(start_response, "403 Forbidden", "UnrecognizedClientException", why)
        region, service = scope
        if region != REGION:
            why = f"Credential should be scoped to a valid region, not '{region}'."
            return _error(start_response, "403 Forbidden", "InvalidSignatureException", why)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = ACCOUNT
        # One call at a time: moto is not thread-safe, and the snapshot belongs to the call.
        with self._lock:
            answer = list(self._applications[service](environ, start_response))
            if service == "iot" and environ["REQUEST_METHOD"] != "GET":
                self._on_change(self.registry())
        return answer


def _install_backend(authority: CertificateAuthority, trust_foreign: Callable[[bytes], None]) -> IssuingBackend:
    """Register the mended class where moto looks for the class of the IoT service; return the one instance."""
    IssuingBackend.authority = authority
    IssuingBackend.trust_foreign = trust_foreign
    moto_iot.iot_backends.backend = IssuingBackend
    moto_iot.iot_backends.clear()
    backend: IssuingBackend = moto_iot.iot_backends[ACCOUNT][REGION]
    return backend


def _credential_scope(environ: WSGIEnvironment) -> tuple[str, str] | None:
    """Return region and service that a SigV4 header is made for; the signature is not checked here."""
    header = str(environ.get("HTTP_AUTHORIZATION", ""))
    _, _, credential = header.partition("Credential=")
    parts = credential.split(",")[0].split("/")
    if len(parts) != 5:
        return None
    # The CLI signs calls of IoT for `execute-api` at times, see moto's own table of signing names.
    service = {"execute-api": "iot"}.get(parts[3], parts[3])
    return parts[2], service


def _error(start_response: StartResponse, status: str, kind: str, message: str) -> Iterable[bytes]:
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", kind)]
    start_response(status, headers)
    return [json.dumps({"message": message}).encode()]


def snapshot(backend: Any) -> Registry:
    """Return what the message broker needs of a backend of moto's."""
    things = {thing.thing_name: _thing(thing) for thing in list(backend.things.values())}
    policies: dict[str, list[Policy]] = {}
    for target, name in list(backend.principal_policies):
        policies.setdefault(target, []).extend(_policies(backend, name))
    attached: dict[str, list[Thing]] = {}
    for target, name in list(backend.principal_things):
        if name in things:
            attached.setdefault(target, []).append(things[name])
    certificates = {
        item.certificate_id: Certificate(
            item.certificate_id,
            item.status,
            tuple(policies.get(item.arn, ())),
            tuple(attached.get(item.arn, ())),
            _variables(item),
        )
        for item in list(backend.certificates.values())
    }
    return Registry(certificates, things)


def _thing(thing: Any) -> Thing:
    type_name = thing.thing_type.thing_type_name if thing.thing_type else None
    return Thing(thing.thing_name, dict(thing.attributes), type_name)


def _policies(backend: Any, name: str) -> list[Policy]:
    """Return the policy by name, if it can be read: one that cannot allows nothing."""
    policy = backend.policies.get(name)
    try:
        return [] if policy is None else [parse_policy(name, policy.document)]
    except PolicyError:
        return []


def _variables(item: Any) -> dict[str, str]:
    cached: dict[str, str] | None = getattr(item, "policy_variables", None)
    if cached is None:
        parsed = x509.load_pem_x509_certificate(item.certificate_pem.encode())
        cached = item.policy_variables = dict(certificate_variables(parsed, item.certificate_id))
    return cached
