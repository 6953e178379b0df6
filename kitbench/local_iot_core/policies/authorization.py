"""Who a connection is and what it may do: from the registry's snapshot to an `Authorizer`. Pure.

Sources: AWS IoT Core developer guide, "Thing policy variables", "X.509 certificate AWS IoT Core policy variables",
"Basic AWS IoT Core policy variables".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from kitbench.local_iot_core.policies.policy import Authorizer, Policy, Statement
from kitbench.local_iot_core.policies.registry import ARN_PREFIX, Certificate, Registry, Thing

#: What an IAM principal may do here: the local IoT core has no IAM policies, its one user may do everything of iot.
_IAM_POLICY: Final = Policy("IAM user", (Statement(allows=True, actions=("iot:*",), resources=("*",)),))

#: Attribute of a distinguished name → its name in policy variables.
_NAME_ATTRIBUTES: Final = {
    NameOID.DN_QUALIFIER: "DistinguishedNameQualifier",
    NameOID.COUNTRY_NAME: "Country",
    NameOID.ORGANIZATION_NAME: "Organization",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OrganizationalUnit",
    NameOID.STATE_OR_PROVINCE_NAME: "State",
    NameOID.COMMON_NAME: "CommonName",
    NameOID.SERIAL_NUMBER: "SerialNumber",
    NameOID.TITLE: "Title",
    NameOID.SURNAME: "Surname",
    NameOID.GIVEN_NAME: "GivenName",
    NameOID.INITIALS: "Initials",
    NameOID.PSEUDONYM: "Pseudonym",
    NameOID.GENERATION_QUALIFIER: "GenerationQualifier",
}


class RefusalError(Exception):
    """A connection that AWS IoT Core does not let in; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a connection, as its transport knows it.

    Attributes:
        address: IP address.
        certificate_id: of its client certificate, which the TLS handshake proved; None without one.
        access_key_id: of its SigV4 signature, which was verified; None without one.
        transport: ``"mqtt"`` or ``"websocket"``.
    """

    address: str
    certificate_id: str | None = None
    access_key_id: str | None = None
    transport: str = "mqtt"

    @property
    def principal(self) -> str:
        """What presence events call `principalIdentifier`."""
        return self.certificate_id or self.access_key_id or ""


def find_certificate(registry: Registry, peer: Peer) -> Certificate | None:
    """Return the certificate that the peer is judged by; None for a peer that signed with SigV4.

    Raises:
        RefusalError: it has none, or one that is not registered or not ACTIVE.
    """
    if peer.access_key_id is not None:
        return None
    if peer.certificate_id is None:
        raise RefusalError("no client certificate was presented")
    certificate = registry.certificates.get(peer.certificate_id)
    if certificate is None:
        raise RefusalError(f"certificate {peer.certificate_id} is not registered")
    if certificate.status != "ACTIVE":
        raise RefusalError(f"certificate {peer.certificate_id} is {certificate.status}")
    return certificate


def authorizer_for(
    certificate: Certificate | None, peer: Peer, client_id: str, connect_attributes: tuple[str, ...] = ()
) -> Authorizer:
    """Return what decides for a connection of `client_id`, whose attributes are those of `iot:ConnectAttributes`."""
    if certificate is None:
        return Authorizer([_IAM_POLICY], {})
    variables = {"iot:ClientId": client_id, "aws:SourceIp": peer.address, **certificate.variables}
    attached = next((thing for thing in certificate.things if thing.name == client_id), None)
    variables["iot:Connection.Thing.IsAttached"] = "true" if attached else "false"
    if attached is not None:
        variables |= _thing_variables(attached)
    return Authorizer(certificate.policies, variables, {"iot:ConnectAttributes": connect_attributes})


def _thing_variables(thing: Thing) -> dict[str, str]:
    variables = {"iot:Connection.Thing.ThingName": thing.name}
    if thing.type_name is not None:
        variables["iot:Connection.Thing.ThingTypeName"] = thing.type_name
    return variables | {f"iot:Connection.Thing.Attributes[{name}]": value for name, value in thing.attributes.items()}


def certificate_variables(certificate: x509.Certificate, certificate_id: str) -> Mapping[str, str]:
    """Return the policy variables that a certificate itself gives."""
    variables = {
        "iot:CertificateId": certificate_id,
        "iot:Certificate.SerialNumber": str(certificate.serial_number),
    }
    for side, name in (("Subject", certificate.subject), ("Issuer", certificate.issuer)):
        counts: dict[str, int] = {}
        for attribute in name:
            label = _NAME_ATTRIBUTES.get(attribute.oid)
            if label is not None:
                index = counts.get(label, 0)
                counts[label] = index + 1
                # A repeated attribute is numbered from 0; the bare name is the first.
                variables[f"iot:Certificate.{side}.{label}.{index}"] = str(attribute.value)
                variables.setdefault(f"iot:Certificate.{side}.{label}", str(attribute.value))
    return variables


def client_arn(client_id: str) -> str:
    """Return the resource of iot:Connect."""
    return f"{ARN_PREFIX}client/{client_id}"


def topic_arn(topic: str) -> str:
    """Return the resource of iot:Publish, iot:Receive and iot:RetainPublish."""
    return f"{ARN_PREFIX}topic/{topic}"


def topic_filter_arn(topic_filter: str) -> str:
    """Return the resource of iot:Subscribe."""
    return f"{ARN_PREFIX}topicfilter/{topic_filter}"
