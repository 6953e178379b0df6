"""Fleet provisioning on MQTT: requests of devices, carried out one after the other in a thread of its own.

Source: AWS IoT Core developer guide, "Device provisioning MQTT API", "Reserved topics" (fleet provisioning
topics). Making a key takes a while, and the registry has a lock: the message broker's thread must not wait for either.
"""

import json
import queue
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from kitbench.local_iot_core.broker.events import EventKind, EventLog
from kitbench.local_iot_core.broker.session import Message
from kitbench.local_iot_core.provisioning import cbor
from kitbench.local_iot_core.provisioning.ownership import OwnershipTokens
from kitbench.local_iot_core.provisioning.provisioning_error import ProvisioningError
from kitbench.local_iot_core.provisioning.registration import register
from kitbench.local_iot_core.provisioning.template import Json, Template

_T = TypeVar("_T")
#: Requests that wait for the thread.
_WAITING: Final = 1_000
#: How often certificates that nobody registered are looked for, in seconds.
_SWEEP_S: Final = 30.0
_PENDING: Final = "PENDING_ACTIVATION"


class Change(Protocol):
    """Changes moto's registry."""

    def __call__(self, name: str, work: Callable[[Any], _T]) -> _T:
        """Do `work` with the registry, alone; record the call by its name, and make the change known."""


class FleetProvisioning:
    """Certificates and things for devices that come with a claim.

    Args:
        change: changes the registry.
        reply: hands an answer to the client that asked; may be called in any thread.
        events: records what was refused.
        clock: seconds, never going back.
    """

    def __init__(
        self,
        change: Change,
        reply: Callable[[str | None, Message], None],
        events: EventLog,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.templates: dict[str, Template] = {}
        self._change = change
        self._reply = reply
        self._events = events
        self._tokens = OwnershipTokens(clock)
        self._work: queue.Queue[Message | None] = queue.Queue(_WAITING)
        self._thread: threading.Thread | None = None

    def take(self, request: Message) -> None:
        """Take a request; never waits. The thread starts with the first."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="fleet provisioning", daemon=True)
            self._thread.start()
        try:
            self._work.put_nowait(request)
        except queue.Full:
            self._reject(request, ProvisioningError(429, "TooManyRequests", f"{_WAITING} requests are waiting"))

    def stop(self) -> None:
        """End the thread, if it was begun, once it has done what waits."""
        if self._thread is not None:
            self._work.put(None)
            self._thread.join()

    def answer(self, request: Message) -> None:
        """Carry out a request and answer it."""
        try:
            told = self._carry_out(request)
        except ProvisioningError as error:
            self._reject(request, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours with one device must not end the service of all
            why = f"{type(error).__name__}: {error}"
            self._reject(request, ProvisioningError(500, "InternalServerError", why))
        else:
            self._reply(request.publisher, _message(request.topic, "accepted", told))

    def sweep(self) -> None:
        """Delete the certificates that were not activated while their tokens were good."""
        for certificate_id in self._tokens.take_expired():
            self._change("DeleteCertificate", partial(_delete_pending, certificate_id))

    def _serve(self) -> None:
        while True:
            try:
                request = self._work.get(timeout=_SWEEP_S)
            except queue.Empty:
                self.sweep()
                continue
            if request is None:
                return
            self.answer(request)

    def _carry_out(self, request: Message) -> Json:
        _, service, name, *_ = request.topic.split("/")
        body = _parse(request)
        if service == "provisioning-templates":
            return self._register(name, body)
        if self._tokens.is_full:
            raise ProvisioningError(429, "TooManyRequests", "too many certificates wait for being registered")
        if name == "create":
            return self._create(lambda backend: backend.create_keys_and_certificate(set_as_active=False))
        csr = body.get("certificateSigningRequest")
        if not isinstance(csr, str):
            raise ProvisioningError(400, "InvalidPayload", "certificateSigningRequest is missing")
        return self._create(lambda backend: (_from_csr(backend, csr), {}))

    def _create(self, make: Callable[[Any], tuple[Any, dict[str, str]]]) -> Json:
        """Make a certificate that waits for being registered; its key, if it has one, goes to the device alone."""

        def work(backend: Any) -> tuple[Any, dict[str, str]]:
            certificate, keys = make(backend)
            certificate.status = _PENDING
            return certificate, keys

        certificate, keys = self._change("CreateCertificateByClaim", work)
        told = {
            "certificateId": certificate.certificate_id,
            "certificatePem": certificate.certificate_pem,
            "certificateOwnershipToken": self._tokens.issue(certificate.certificate_id),
        }
        return told | ({"privateKey": keys["PrivateKey"]} if keys else {})

    def _register(self, name: str, body: Json) -> Json:
        token, given = body.get("certificateOwnershipToken"), body.get("parameters") or {}
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            raise ProvisioningError(400, "InvalidPayload", "parameters is no object of texts")
        template = self.templates.get(name)
        if template is None:
            raise ProvisioningError(404, "ResourceNotFoundException", f"provisioning template {name} does not exist")
        if not template.is_enabled:
            raise ProvisioningError(403, "AccessDenied", f"provisioning template {name} is not enabled")
        certificate_id = self._tokens.certificate_of(token) if isinstance(token, str) else None
        if certificate_id is None:
            why = "certificate ownership token is not valid, or older than an hour"
            raise ProvisioningError(400, "InvalidCertificateOwnershipToken", why)
        return self._change("RegisterThing", lambda backend: register(backend, template, given, certificate_id))

    def _reject(self, request: Message, error: ProvisioningError) -> None:
        reason = f"{error.code}: {error}"
        self._events.record(EventKind.REQUEST_REJECTED, client_id=request.publisher, topic=request.topic, reason=reason)
        told = {"statusCode": error.status, "errorCode": error.code, "errorMessage": str(error)}
        self._reply(request.publisher, _message(request.topic, "rejected", told))


def _from_csr(backend: Any, csr: str) -> Any:
    from moto.iot.exceptions import InvalidRequestException  # noqa: PLC0415 - loaded with the registry

    try:
        return backend.create_certificate_from_csr(csr, set_as_active=False)
    except InvalidRequestException as error:
        raise ProvisioningError(400, "InvalidCsr", str(error.message)) from error


def _delete_pending(certificate_id: str, backend: Any) -> None:
    known = backend.certificates.get(certificate_id)
    if known is not None and known.status == _PENDING:
        del backend.certificates[certificate_id]


def _parse(request: Message) -> Json:
    try:
        body = cbor.decode(request.payload) if _is_cbor(request.topic) else json.loads(request.payload or b"{}")
    except (ValueError, RecursionError) as error:
        form = "CBOR" if _is_cbor(request.topic) else "JSON"
        raise ProvisioningError(400, "InvalidPayload", f"payload is not {form}") from error
    if not isinstance(body, dict):
        raise ProvisioningError(400, "InvalidPayload", "payload is no map")
    return body


def _is_cbor(topic: str) -> bool:
    return topic.endswith("/cbor")


def _message(topic: str, verb: str, told: Json) -> Message:
    payload = cbor.encode(told) if _is_cbor(topic) else json.dumps(told, separators=(",", ":")).encode()
    return Message(f"{topic}/{verb}", payload)
