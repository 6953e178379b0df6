"""The control plane: moto's IoT and STS, fixed, behind one loopback HTTP port, and the registry as the broker sees it.

Only these two of moto's services are loaded: the process starts for every submission.
"""

import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar
from wsgiref.types import StartResponse, WSGIEnvironment

from cryptography import x509
from flask import Flask
from moto.core.config import default_user_config
from moto.core.utils import get_service_model
from moto.iot import models as moto_iot
from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from kitbench.local_iot_core.apis.audit_trail import AuditTrail
from kitbench.local_iot_core.apis.aws_answer import Answer
from kitbench.local_iot_core.apis.aws_request import (
    RefusedError,
    body_of,
    credential_of,
    headers_of,
    query_of,
    raw_path_of,
    service_of,
    tag_keys_of,
)
from kitbench.local_iot_core.apis.certificate_authority import CertificateAuthority
from kitbench.local_iot_core.apis.certificate_issuing import IssuingBackend
from kitbench.local_iot_core.apis.data_plane_api import DataPlaneApi, DataPlaneCall, DataPlaneError
from kitbench.local_iot_core.apis.modelled_operations import require_modelled
from kitbench.local_iot_core.apis.operation_index import OperationIndex
from kitbench.local_iot_core.apis.registry_api import BACKEND_KEY, OPERATION_KEY
from kitbench.local_iot_core.broker.events import EventKind, EventLog
from kitbench.local_iot_core.broker.message_broker import MessageBroker
from kitbench.local_iot_core.console.state import rows_of
from kitbench.local_iot_core.device_advisor.report import REPORT_PATH
from kitbench.local_iot_core.kept.state_folder import StateFolder
from kitbench.local_iot_core.policies.authorization import certificate_variables
from kitbench.local_iot_core.policies.policy import Policy, PolicyError, parse_policy
from kitbench.local_iot_core.policies.registry import ACCOUNT, REGION, Certificate, Registry, Thing
from kitbench.local_iot_core.rules.rule import Rule, parse_rule, rule_payload
from kitbench.local_iot_core.rules.services import ServiceCall, dynamodb_call

if TYPE_CHECKING:
    from kitbench.local_iot_core.device_advisor.api import AdvisorApi
    from kitbench.local_iot_core.jobs.job_service import JobService
    from kitbench.local_iot_core.provisioning.fleet_provisioning import FleetProvisioning

#: Paths of the operations of `iot` on provisioning templates.
_TEMPLATES_PATH: Final = "/provisioning-templates"
#: Paths of the operations of `iot` that the Jobs service answers.
_JOB_PATH: Final = re.compile(r"/(things/[^/]+/)?jobs(/|$)")
_ADVISOR: Final = "iotdeviceadvisor"
#: Reports of Device Advisor are read by browsers, which sign nothing: their address holds a token.
#: moto has its registries in one place for the whole process.
_MOTO: Final = threading.Lock()
_T = TypeVar("_T")
_Question: TypeAlias = Callable[[MessageBroker], Any]


@dataclass(frozen=True, slots=True)
class DataPlane:
    """What the message broker's side does for the control plane.

    Attributes:
        on_change: gets a new snapshot after every call, before the call's answer is sent.
        trust_foreign: is told certificates of other CAs, as PEM.
        ask: runs a question in the message broker's thread and returns its answer.
        on_rules: gets the rules there are, after every call.
        jobs: returns the Jobs service; called in the message broker's thread.
        provisioning: returns fleet provisioning; called in the message broker's thread.
        advisor_api: returns Device Advisor's API; called in the message broker's thread with the control plane's URL.
    """

    on_change: Callable[[Registry], None]
    trust_foreign: Callable[[bytes], None]
    ask: Callable[[_Question], Any]
    on_rules: Callable[[tuple[Rule, ...]], None]
    jobs: Callable[[], "JobService"]
    provisioning: Callable[[], "FleetProvisioning"]
    advisor_api: Callable[[str], "AdvisorApi"]


class _QuietHandler(WSGIRequestHandler):
    """Serves without a log line per request; events record what changes."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class ControlPlane:
    """The HTTP endpoint that boto3's `endpoint_url` names.

    Args:
        authority: signs devices' certificates.
        events: records changes.
        data_plane: what the message broker's side does for this one.
        mqtt_host: what DescribeEndpoint answers.
        kept: where the registry is kept between runs; None forgets it.
    """

    def __init__(
        self,
        authority: CertificateAuthority,
        events: EventLog,
        data_plane: DataPlane,
        *,
        mqtt_host: str,
        kept: StateFolder | None = None,
    ) -> None:
        self._data_plane_api = DataPlaneApi(data_plane.ask)
        self._events = events
        self._data_plane = data_plane
        self._on_change = data_plane.on_change
        self._on_rules = data_plane.on_rules
        self._trail = AuditTrail()
        self._backend = _make_backend(authority, data_plane, mqtt_host)
        self._kept = kept
        #: moto's applications; beside IoT's they are loaded when they are asked for, since few runs do.
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
        """Fill the registry with what is kept, and serve, in a thread.

        Raises:
            BenchError: what is kept cannot be read.
        """
        if self._kept is not None:
            self._kept.load(self._backend)
            self._on_change(self.registry())
            self._on_rules(rules_of(self._backend))
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
        answer = Answer()
        try:
            self._answer(environ, answer)
        except RefusedError as refusal:
            service, content_type = credential_of(environ).signed_for, str(environ.get("CONTENT_TYPE", ""))
            answer.refuse(refusal.status, refusal.kind, str(refusal), service=service, content_type=content_type)
        except DataPlaneError as error:
            answer.refuse(f"{error.status} {HTTPStatus(error.status).phrase}", error.kind, str(error))
        except NotImplementedError as error:
            answer.refuse("501 Not Implemented", "NotImplementedException", str(error))
        except Exception as error:  # noqa: BLE001 - whatever moto raises is one line for the caller, not a traceback
            answer.refuse("500 Internal Server Error", "InternalFailureException", f"{type(error).__name__}: {error}")
        if answer.code >= 500:
            self._events.record(EventKind.CONTROL_PLANE, call=environ.get(OPERATION_KEY), reason=answer.text()[:500])
        headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
        start_response(answer.status, [*headers, ("Content-Length", str(len(answer.body)))])
        return [answer.body]

    def _answer(self, environ: WSGIEnvironment, answer: Answer) -> None:
        path = raw_path_of(environ)
        if path.startswith(REPORT_PATH) and environ["REQUEST_METHOD"] == "GET":
            content_type, answer.body = self._ask_advisor(lambda api: api.report(path))
            answer.headers = [("Content-Type", content_type)]
            return
        service = service_of(environ)
        if service == _ADVISOR:
            call = _data_plane_call(service, environ)
            answer.body = self._ask_advisor(lambda api: api.answer(call))
            return
        if service == "cloudtrail":
            answer.body = json.dumps(self._trail.look_up(json.loads(body_of(environ) or b"{}"))).encode()
            return
        if service == "iot-data":
            answer.body = self._data_plane_api.answer(_data_plane_call(service, environ))
            return
        if service == "iot" and path.startswith(_TEMPLATES_PATH):
            self._answer_template(environ, answer)
            return
        if service == "iot-jobs-data" or (service == "iot" and _JOB_PATH.match(path)):
            self._answer_job(service, environ, answer)
            return
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = ACCOUNT
        environ[BACKEND_KEY] = self._backend
        # One call at a time: moto is not thread-safe, and the snapshot belongs to the call.
        with _MOTO:
            # Things of moto's look their groups up here; a process may have several registries.
            moto_iot.iot_backends[ACCOUNT][REGION] = self._backend
            answer.body = b"".join(self._application(service)(environ, answer.start))
            if service == "iot" and environ["REQUEST_METHOD"] != "GET":
                self._follow_change()
                self._on_rules(rules_of(self._backend))
                self._record(environ, answer)

    def change(self, name: str, work: Callable[[Any], _T]) -> _T:
        """Change the registry from within: alone, made known at once, and recorded by the call's name."""
        with _MOTO:
            moto_iot.iot_backends[ACCOUNT][REGION] = self._backend
            done = work(self._backend)
            self._follow_change()
        self._events.record(EventKind.CONTROL_PLANE, call=name, status=200, reason="")
        return done

    def _follow_change(self) -> None:
        """Keep a change of the registry, and make it known."""
        if self._kept is not None:
            self._kept.save(self._backend)
        self._on_change(self.registry())

    def _answer_template(self, environ: WSGIEnvironment, answer: Answer) -> None:
        """Answer a call on provisioning templates, which live beside the registry."""
        # Loaded only when it is asked for: the process starts for every submission.
        from kitbench.local_iot_core.provisioning import template_api  # noqa: PLC0415

        call = _data_plane_call("iot", environ)
        environ[OPERATION_KEY] = call.operation
        service = self._data_plane.ask(lambda _broker: self._data_plane.provisioning())
        with _MOTO:
            answer.body = template_api.answer(service.templates, call)
        if environ["REQUEST_METHOD"] != "GET":
            self._record(environ, answer)

    def _answer_job(self, service: str, environ: WSGIEnvironment, answer: Answer) -> None:
        """Let the Jobs service answer, which lives in the message broker's thread."""
        # Loaded only when it is asked for: the process starts for every submission.
        from kitbench.local_iot_core.jobs import job_control_api, jobs_data_api  # noqa: PLC0415

        call = _data_plane_call(service, environ)
        api = job_control_api if service == "iot" else jobs_data_api
        environ[OPERATION_KEY] = call.operation
        answer.body = self._data_plane.ask(lambda _broker: api.answer(self._data_plane.jobs().store, call))
        if service == "iot" and environ["REQUEST_METHOD"] != "GET":
            self._record(environ, answer)

    def _ask_advisor(self, question: Callable[["AdvisorApi"], Any]) -> Any:
        """Return the answer of Device Advisor, which lives in the message broker's thread."""
        return self._data_plane.ask(lambda _broker: question(self._data_plane.advisor_api(self.url)))

    def call(self, call: ServiceCall) -> tuple[int, bytes]:
        """Call one of moto's services from within; return status and body of the answer."""
        headers = {
            **call.headers,
            "X-Moto-Account-Id": ACCOUNT,
            "Authorization": f"AWS4-HMAC-SHA256 Credential=rules/20260101/{REGION}/{call.service}/aws4_request",
        }
        with _MOTO:
            client = self._application(call.service).test_client()
            answer = client.open(call.path, method=call.method, data=call.body, headers=headers, base_url=self.url)
        return answer.status_code, answer.data

    def _dynamodb(self, operation: str, request: dict[str, Any]) -> Any:
        return json.loads(self.call(dynamodb_call(operation, json.dumps(request).encode()))[1])

    def shown(self) -> dict[str, Any]:
        """Return policies, rules and rows of tables, for the page of the test client."""
        with _MOTO:
            policies = [{"name": p.name, "document": p.document} for p in self._backend.policies.values()]
            rules = [
                {"name": rule.rule_name, "sql": rule.sql, "enabled": not rule.rule_disabled}
                for rule in self._backend.rules.values()
            ]
        return {"policies": policies, "rules": rules, "tables": self._tables()}

    def _tables(self) -> list[dict[str, Any]]:
        if "dynamodb" not in self._applications:
            return []
        names = self._dynamodb("ListTables", {})["TableNames"]
        scans = {name: self._dynamodb("Scan", {"TableName": name}) for name in names}
        return [{"name": name, "rows": rows_of(scan["Items"])} for name, scan in scans.items()]

    def _application(self, service: str) -> Flask:
        if service not in self._applications:
            known: Any = service  # moto names all its services in a type
            self._applications[service] = create_backend_app(known)
        return self._applications[service]

    def _record(self, environ: WSGIEnvironment, answer: Answer) -> None:
        call = str(environ.get(OPERATION_KEY))
        self._trail.record(
            call,
            user_agent=str(environ.get("HTTP_USER_AGENT", "")),
            access_key_id=credential_of(environ).access_key_id,
            answer=answer.body,
            status=answer.code,
        )
        reason = "" if answer.code < 400 else answer.text()[:500]
        self._events.record(EventKind.CONTROL_PLANE, call=call, status=answer.code, reason=reason)


def _make_backend(authority: CertificateAuthority, data_plane: DataPlane, mqtt_host: str) -> IssuingBackend:
    """Return a registry, with its class in the place of moto's: by it moto finds the routes of the fixed API."""
    moto_iot.iot_backends.backend = IssuingBackend
    moto_iot.iot_backends.clear()
    # Roles are given AWS's own policies, such as that for fleet provisioning; read when the first role is made.
    default_user_config["iam"]["load_aws_managed_policies"] = True
    backend = IssuingBackend(REGION, ACCOUNT)
    backend.authority = authority
    backend.trust_foreign = data_plane.trust_foreign
    backend.is_connected = lambda client_id: data_plane.ask(lambda broker: client_id in broker.clients)
    backend.endpoint_host = mqtt_host
    return backend


def _data_plane_call(service: str, environ: WSGIEnvironment) -> DataPlaneCall:
    """Return the call of a data service.

    Raises:
        RefusedError: the service has no such call.
        NotImplementedError: the call is not modelled.
    """
    request = _operations(service).find(environ["REQUEST_METHOD"], raw_path_of(environ))
    if request is None:
        raise RefusedError(
            "400 Bad Request", "InvalidRequestException", f"{service} has no call of this method and path"
        )
    require_modelled(service, request.operation)
    query, headers, tag_keys = query_of(environ), headers_of(environ), tag_keys_of(environ)
    return DataPlaneCall(request.operation, request.labels, query, headers, body_of(environ), tag_keys)


@lru_cache(maxsize=4)
def _operations(service: str) -> OperationIndex:
    return OperationIndex(get_service_model(service))


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
            tuple(policy for target in _targets(backend, item.arn, attached) for policy in policies.get(target, ())),
            tuple(attached.get(item.arn, ())),
            _variables(item),
        )
        for item in list(backend.certificates.values())
    }
    return Registry(certificates, things, _groups(backend))


def rules_of(backend: Any) -> tuple[Rule, ...]:
    """Return the rules of a backend of moto's; all of them were checked when they came."""
    return tuple(parse_rule(rule.rule_name, rule_payload(rule)) for rule in list(backend.rules.values()))


def _targets(backend: Any, arn: str, attached: dict[str, list[Thing]]) -> list[str]:
    """Return what policies that decide for a certificate may be attached to: itself, and the groups of its things."""
    if not backend.thing_groups:
        return [arn]
    groups = (group for thing in attached.get(arn, ()) for group in backend.groups_of(thing.name))
    return [arn, *dict.fromkeys(groups)]


def _groups(backend: Any) -> dict[str, frozenset[str]]:
    """Return the things of each group by its ARN; those of a group are its parents', too."""
    found: dict[str, frozenset[str]] = {}
    for group in list(backend.thing_groups.values()):
        names = frozenset(thing.thing_name for thing in list(group.things.values()))
        parents = [parent["groupArn"] for parent in group.metadata.get("rootToParentThingGroups", [])]
        for arn in (group.arn, *parents):
            found[arn] = found.get(arn, frozenset()) | names
    return found


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
