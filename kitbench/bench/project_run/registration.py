"""A device's certificate in a cloud's registry, as its owner would have put it there by hand.

Nothing that the registry knows already is changed: whoever deactivated a certificate, or wrote a policy, meant it.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.failure import cloud_errors, code_of

_STAGE: Final = "register"
#: AWS IoT's quick start gives such a policy; a narrower one is the owner's to write.
POLICY_NAME: Final = "kitbench_run_allow_all"
_ALLOW_ALL: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["iot:Connect", "iot:Publish", "iot:Subscribe", "iot:Receive"],
            "Resource": "*",
        }
    ],
}
_NOT_IN_A_NAME: Final = re.compile(r"[^a-zA-Z0-9:_-]+")


@dataclass(frozen=True, slots=True)
class Registered:
    """A certificate in the registry.

    Attributes:
        certificate_id: AWS's, the SHA-256 of its DER.
        is_new: this run has registered it.
        things: what it is attached to.
        status: such as ``"ACTIVE"``.
    """

    certificate_id: str
    is_new: bool
    things: tuple[str, ...]
    status: str

    def __str__(self) -> str:
        of = f" of thing {', '.join(self.things)}" if self.things else ", attached to no thing"
        known = "registered" if self.is_new else "known"
        return f"{known}: certificate {self.certificate_id[:12]}…{of}, {self.status}"


def register(cloud: Endpoint, certificate: x509.Certificate, name: str) -> Registered:
    """Make sure that a device's certificate is registered; a new one becomes ACTIVE, with a thing and a policy.

    Args:
        cloud: the account.
        certificate: the device's own.
        name: for its thing; characters that AWS does not take become ``_``.

    Raises:
        CloudError: the cloud refuses.
    """
    identifier = certificate.fingerprint(hashes.SHA256()).hex()
    iot = cloud.client("iot")
    with cloud_errors(_STAGE, f"register certificate {identifier[:12]}…"):
        known = _known(iot, identifier)
        arn = (
            known["certificateArn"] if known else _make(iot, certificate, _NOT_IN_A_NAME.sub("_", name)[:128] or "kit")
        )
        things = tuple(iot.list_principal_things(principal=arn)["things"])
    return Registered(identifier, known is None, things, known["status"] if known else "ACTIVE")


def _known(iot: Any, identifier: str) -> dict[str, Any] | None:
    try:
        description: dict[str, Any] = iot.describe_certificate(certificateId=identifier)["certificateDescription"]
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return None
    return description


def _make(iot: Any, certificate: x509.Certificate, thing: str) -> str:
    pem = certificate.public_bytes(Encoding.PEM).decode()
    arn = str(iot.register_certificate_without_ca(certificatePem=pem, status="ACTIVE")["certificateArn"])
    attach(iot, arn, thing)
    return arn


def attach(iot: Any, certificate_arn: str, thing: str) -> None:
    """Give a certificate its thing and a policy that allows everything of MQTT; both may be there already."""
    try:
        iot.create_policy(policyName=POLICY_NAME, policyDocument=json.dumps(_ALLOW_ALL))
    except ClientError as error:
        if code_of(error) != "ResourceAlreadyExistsException":
            raise
    try:
        iot.create_thing(thingName=thing)
    except ClientError as error:
        if code_of(error) != "ResourceAlreadyExistsException":
            raise
    iot.attach_policy(policyName=POLICY_NAME, target=certificate_arn)
    iot.attach_thing_principal(thingName=thing, principal=certificate_arn)
