"""A thing that lives as long as a `with` block: thing, policy, certificate INACTIVE, attached twice, then ACTIVE.

The ledger is written before each call; at the end, also after a failure, everything is gone, and what could not be
deleted stays in the ledger for the next start.
"""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kitbench.cloud.billing.meter import Meter
from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.failure import cloud_errors, code_of
from kitbench.cloud.things.audit_trail import sign_calls
from kitbench.cloud.things.client_identity import ClientIdentity, Topics
from kitbench.cloud.things.key_redaction import redact_keys
from kitbench.cloud.things.ledger import KEY_FOLDER_PREFIX, Kind, Ledger
from kitbench.cloud.things.policy_document import least_privilege
from kitbench.cloud.things.recovery import settle
from kitbench.errors import BenchError, KitbenchError, UsageError

_log = logging.getLogger(__name__)


@contextmanager
def provision(  # noqa: PLR0913 - each is something the caller may want otherwise
    endpoint: Endpoint,
    ledger: Ledger,
    role: str = "kit",
    *,
    topics: Topics,
    csr_pem: bytes | None = None,
    certificate_pem: bytes | None = None,
    client_id: str = "",
    meter: Meter | None = None,
) -> Iterator[ClientIdentity]:
    """Yield an identity whose certificate is ACTIVE; afterwards it is gone.

    Args:
        endpoint: the account.
        ledger: of this run; its run and `role` make the name.
        role: `a-z0-9`, one of its kind within a run.
        topics: what the policy will allow.
        csr_pem: certificate signing request; without one the cloud makes the keys, too.
        certificate_pem: the device's own, to be registered for the run (RegisterCertificateWithoutCA).
        client_id: that the policy lets in; by default the thing's name.
        meter: counts registry operations.

    Raises:
        UsageError: no credentials; the CSR is no CSR; the account knows the device's certificate already.
        CloudError: the cloud refuses or cannot be reached; nothing was left but what the ledger names.
    """
    if ledger.cloud_id != endpoint.cloud_id:
        raise UsageError(f"the ledger is of {ledger.cloud_id}, the endpoint {endpoint.cloud_id}", stage="provision")
    provisioning = _Provisioning(endpoint, ledger, ledger.run.name(role), meter)
    try:
        yield provisioning.make(topics, csr_pem, certificate_pem, client_id)
    except BaseException as error:
        provisioning.unmake_after(error)
        raise
    else:
        provisioning.unmake()


def set_active(endpoint: Endpoint, identity: ClientIdentity, *, active: bool) -> None:
    """Activate or deactivate an identity's certificate; AWS cuts live sessions within minutes."""
    status = "ACTIVE" if active else "INACTIVE"
    with cloud_errors("provision", f"set certificate {identity.certificate_id[:16]}… {status}"):
        endpoint.client("iot").update_certificate(certificateId=identity.certificate_id, newStatus=status)


class _Provisioning:
    """The steps for one name."""

    def __init__(self, endpoint: Endpoint, ledger: Ledger, name: str, meter: Meter | None) -> None:
        redact_keys()
        self._endpoint = endpoint
        self._ledger = ledger
        self._name = name
        self._iot = endpoint.client("iot")
        sign_calls(self._iot, name)
        if meter is not None:
            meter.watch(self._iot)

    def make(
        self, topics: Topics, csr_pem: bytes | None, certificate_pem: bytes | None, client_id: str
    ) -> ClientIdentity:
        if certificate_pem is not None:
            self._require_unknown(certificate_pem)
        self._make_thing()
        self._make_policy(least_privilege(self._endpoint, client_id or self._name, topics))
        key_file: Path | None = None
        if certificate_pem is not None:
            answer = self._register(certificate_pem)
        elif csr_pem is not None:
            answer = self._make_certificate(csr_pem)
        else:
            answer, key_file = self._make_keys_and_certificate()
        identity = ClientIdentity(
            thing_name=self._name,
            certificate_pem=answer["certificatePem"].encode("ascii"),
            private_key_file=key_file,
            certificate_id=answer["certificateId"],
            certificate_arn=answer["certificateArn"],
            topics=topics,
            own_client_id=client_id,
        )
        self._attach(identity)
        return identity

    def _make_thing(self) -> None:
        run = self._ledger.run
        attributes = {"kitbench_run": run.run_id, "kitbench_expires": str(run.expires)}
        self._ledger.create(Kind.THING, self._name)
        with cloud_errors("provision", f"create thing {self._name}"):
            self._iot.create_thing(thingName=self._name, attributePayload={"attributes": attributes})

    def _make_policy(self, document: str) -> None:
        self._ledger.create(Kind.POLICY, self._name)
        with cloud_errors("provision", f"create policy {self._name}"):
            try:
                self._iot.create_policy(policyName=self._name, policyDocument=document)
            except ClientError as error:
                # The name is ours alone: an earlier attempt succeeded and its reply was lost.
                if code_of(error) != "ResourceAlreadyExistsException":
                    raise

    def _make_keys_and_certificate(self) -> tuple[dict[str, Any], Path]:
        folder = Path(tempfile.gettempdir()) / f"{KEY_FOLDER_PREFIX}{self._name}"
        self._ledger.create(Kind.KEY_FOLDER, str(folder), of=self._name)
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise BenchError(f"cannot make the folder {folder}: {error.strerror}", stage="provision") from error
        self._ledger.create(Kind.ISSUANCE, self._name)
        with cloud_errors("provision", f"create keys and certificate of {self._name}"):
            answer = self._iot.create_keys_and_certificate(setAsActive=False)
        self._issued(answer)
        key_file = folder / "private.pem.key"
        _write_private(key_file, answer.pop("keyPair")["PrivateKey"])
        return answer, key_file

    def _make_certificate(self, csr_pem: bytes) -> dict[str, Any]:
        public_key = _public_key_sha256(csr_pem)
        self._ledger.create(Kind.ISSUANCE, self._name, public_key_sha256=public_key)
        with cloud_errors("provision", f"have the CSR of {self._name} signed"):
            answer: dict[str, Any] = self._iot.create_certificate_from_csr(
                certificateSigningRequest=csr_pem.decode("ascii"), setAsActive=False
            )
        self._issued(answer)
        return answer

    def _require_unknown(self, certificate_pem: bytes) -> None:
        """Make sure that the certificate is nobody's in this account: what the run registers it deletes at its end."""
        certificate_id = certificate_id_of(certificate_pem)
        with cloud_errors("provision", f"ask for certificate {certificate_id[:16]}…"):
            try:
                self._iot.describe_certificate(certificateId=certificate_id)
            except ClientError as error:
                if code_of(error) == "ResourceNotFoundException":
                    return
                raise
        raise UsageError(
            f"the account knows the device's certificate {certificate_id[:16]}… already",
            stage="provision",
            fix="leave it as it is: --identity keep",
        )

    def _register(self, certificate_pem: bytes) -> dict[str, Any]:
        certificate_id, text = certificate_id_of(certificate_pem), certificate_pem.decode("ascii")
        self._ledger.create(Kind.CERTIFICATE, certificate_id, of=self._name)
        with cloud_errors("provision", f"register certificate {certificate_id[:16]}…"):
            try:
                self._iot.register_certificate_without_ca(certificatePem=text, status="INACTIVE")
            except ClientError as error:
                # Nobody had it a moment ago: an earlier attempt succeeded and its reply was lost.
                if code_of(error) != "ResourceAlreadyExistsException":
                    raise
        arn = self._endpoint.arn(f"cert/{certificate_id}")
        return {"certificatePem": text, "certificateId": certificate_id, "certificateArn": arn}

    def _issued(self, answer: dict[str, Any]) -> None:
        self._ledger.create(Kind.CERTIFICATE, answer["certificateId"], of=self._name)
        if not answer["ResponseMetadata"].get("RetryAttempts"):
            # Exactly one request left, so exactly one certificate was made; otherwise recovery asks the trail.
            self._ledger.gone(Kind.ISSUANCE, self._name)

    def _attach(self, identity: ClientIdentity) -> None:
        iot, arn = self._iot, identity.certificate_arn
        with cloud_errors("provision", f"attach policy and thing {self._name}"):
            self._ledger.write("attach_policy", name=self._name)
            iot.attach_policy(policyName=self._name, target=arn)
            self._ledger.write("attach_thing_principal", name=self._name)
            iot.attach_thing_principal(thingName=self._name, principal=arn)
        with cloud_errors("provision", f"activate the certificate of {self._name}"):
            self._ledger.write("update_certificate", name=self._name)
            iot.update_certificate(certificateId=identity.certificate_id, newStatus="ACTIVE")

    def unmake(self) -> None:
        settle(self._endpoint, self._ledger, self._iot, name=self._name)

    def unmake_after(self, error: BaseException) -> None:
        """Clean up without hiding what went wrong before."""
        try:
            self.unmake()
        except KitbenchError as second:
            error.add_note(f"and then: {second}")
            _log.warning("%s; it stays in the ledger %s", second, self._ledger.path)


def certificate_id_of(certificate_pem: bytes) -> str:
    """Return the id that AWS IoT gives a certificate: the SHA-256 of its DER as hex digits.

    Raises:
        UsageError: it is no certificate in PEM.
    """
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except ValueError as error:
        raise UsageError("the device's certificate cannot be read as PEM", stage="provision") from error
    return sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)


def _public_key_sha256(csr_pem: bytes) -> str:
    try:
        public_key = x509.load_pem_x509_csr(csr_pem).public_key()
    except ValueError as error:
        raise UsageError("the certificate signing request cannot be read as PEM", stage="provision") from error
    return sha256(public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
