"""The control plane: moto's IoT and STS, mended, behind one loopback HTTP port, and the registry as the broker sees it.

Only these two of moto's services are loaded: the process starts for every submission.
"""

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIEnvironment

from cryptography import x509
from flask import Flask
from moto.iot import models as moto_iot
from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from kitbench.local_iot_core.audit_trail import AuditTrail
from kitbench.local_iot_core.authorization import certificate_variables
from kitbench.local_iot_core.certificate_authority import CertificateAuthority
from kitbench.local_iot_core.certificate_issuing import IssuingBackend
from kitbench.local_iot_core.events import EventKind, EventLog
from kitbench.local_iot_core.policy import Policy, PolicyError, parse_policy
from kitbench.local_iot_core.registry import ACCOUNT, REGION, Certificate, Registry, Thing
from kitbench.local_iot_core.registry_api import BACKEND_KEY, OPERATION_KEY

#: A request body is never larger on AWS IoT's control plane; what claims to be is refused before it is read.
_MAXIMUM_BODY: Final = 1024 * 1024
_SERVICES: Final = frozenset({"iot", "sts", "cloudtrail"})


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
        mqtt_host: what DescribeEndpoint answers.
    """

    def __init__(
        self,
        authority: CertificateAuthority,
        events: EventLog,
        *,
        on_change: Callable[[Registry], None],
        trust_foreign: Callable[[bytes], None],
        mqtt_host: str,
    ) -> None:
        self._events = events
        self._on_change = on_change
        self._lock = threading.Lock()
        self._trail = AuditTrail()
        self._backend = _make_backend(authority, trust_foreign, mqtt_host)
        #: moto's applications; STS is loaded when it is asked for, since few runs do.
        self._applications: dict[str, Flask] = {"iot": create_backend_app("iot")}
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
        """Stop serving, if it was begun, and give the port back."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def registry(self) -> Registry:
        """Return a snapshot of what is registered now."""
        return snapshot(self._backend)

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = _Answer()
        try:
            self._answer(environ, answer)
        except _RefusedError as refusal:
            answer.refuse(refusal.status, refusal.kind, str(refusal))
        except NotImplementedError as error:
            answer.refuse("501 Not Implemented", "NotImplementedException", str(error))
        except Exception as error:  # noqa: BLE001 - whatever moto raises is one line for the caller, not a traceback
            answer.refuse("500 Internal Server Error", "InternalFailureException", f"{type(error).__name__}: {error}")
        if answer.code >= 500:
            self._events.record(EventKind.CONTROL_PLANE, call=environ.get(OPERATION_KEY), reason=answer.text()[:500])
        headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
        start_response(answer.status, [*headers, ("Content-Length", str(len(answer.body)))])
        return [answer.body]

    def _answer(self, environ: WSGIEnvironment, answer: "_Answer") -> None:
        service = _check_request(environ)
        if service == "cloudtrail":
            request = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or b"{}")
            answer.body = json.dumps(self._trail.look_up(request)).encode()
            return
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = ACCOUNT
        environ[BACKEND_KEY] = self._backend
        # One call at a time: moto is not thread-safe, and the snapshot belongs to the call.
        with self._lock:
            answer.body = b"".join(self._application(service)(environ, answer.start))
            if service == "iot" and environ["REQUEST_METHOD"] != "GET":
                self._on_change(self.registry())
                self._record(environ, answer)

    def _application(self, service: str) -> Flask:
        if service not in self._applications:
            self._applications[service] = create_backend_app("sts")
        return self._applications[service]

    def _record(self, environ: WSGIEnvironment, answer: "_Answer") -> None:
        call = str(environ.get(OPERATION_KEY))
        self._trail.record(
            call,
            user_agent=str(environ.get("HTTP_USER_AGENT", "")),
            access_key_id=_credential(environ)[0],
            answer=answer.body,
            status=answer.code,
        )
        reason = "" if answer.code < 400 else answer.text()[:500]
        self._events.record(EventKind.CONTROL_PLANE, call=call, status=answer.code, reason=reason)


class _RefusedError(Exception):
    """A request that is not handed to moto."""

    def __init__(self, status: str, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


class _Answer:
    """What goes back to the client, collected so that it can be recorded before it is sent."""

    def __init__(self) -> None:
        self.status = "200 OK"
        self.headers: list[tuple[str, str]] = [("Content-Type", "application/x-amz-json-1.1")]
        self.body = b""

    def start(self, status: str, headers: list[tuple[str, str]], _info: object = None) -> Callable[[bytes], object]:
        """Take status and headers of a WSGI application."""
        self.status, self.headers = status, headers
        return lambda _data: None

    def refuse(self, status: str, kind: str, message: str) -> None:
        """Answer with an error as botocore reads it."""
        self.status = status
        self.headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", kind)]
        self.body = json.dumps({"__type": kind, "message": message}).encode()

    @property
    def code(self) -> int:
        """The HTTP status code."""
        return int(self.status.split()[0])

    def text(self) -> str:
        """Return the body in one line."""
        return " ".join(self.body.decode(errors="replace").split())


def _check_request(environ: WSGIEnvironment) -> str:
    """Return the service that a request is for.

    Raises:
        _RefusedError: it is for none of ours, unsigned, too large, or comes from a web page.
    """
    if int(environ.get("CONTENT_LENGTH") or 0) > _MAXIMUM_BODY:
        raise _RefusedError("413 Content Too Large", "RequestEntityTooLargeException", "request body is too large")
    if "HTTP_ORIGIN" in environ:
        raise _RefusedError("403 Forbidden", "AccessDeniedException", "calls of web pages are not taken")
    _, region, service = _credential(environ)
    if service not in _SERVICES:
        why = "the local IoT core takes signed calls of iot, sts and cloudtrail only"
        raise _RefusedError("403 Forbidden", "UnrecognizedClientException", why)
    if region != REGION:
        why = f"Credential should be scoped to a valid region, not '{region}': this is {REGION}"
        raise _RefusedError("403 Forbidden", "InvalidSignatureException", why)
    return service


def _make_backend(
    authority: CertificateAuthority, trust_foreign: Callable[[bytes], None], mqtt_host: str
) -> IssuingBackend:
    """Return a registry, with its class in the place of moto's: by it moto finds the routes of the mended API."""
    moto_iot.iot_backends.backend = IssuingBackend
    moto_iot.iot_backends.clear()
    backend = IssuingBackend(REGION, ACCOUNT)
    backend.authority = authority
    backend.trust_foreign = trust_foreign
    backend.endpoint_host = mqtt_host
    return backend


def _credential(environ: WSGIEnvironment) -> tuple[str, str, str]:
    """Return access key id, region and service that a SigV4 header names; the signature itself is not checked here."""
    _, _, credential = str(environ.get("HTTP_AUTHORIZATION", "")).partition("Credential=")
    parts = credential.split(",")[0].split("/")
    if len(parts) != 5:
        return "", "", ""
    # Older clients sign calls of IoT for `execute-api`.
    return parts[0], parts[2], {"execute-api": "iot"}.get(parts[3], parts[3])


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
