"""moto's registry, fixed where AWS behaves otherwise. Each method says what it fixes.

moto has one backend object for each account and region; here each control plane has its own, of this class, and
`registry_api` asks that one. Nothing of moto is patched beside the registration of the class (see `control_plane`).
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from moto.iot import exceptions as iot_exceptions
from moto.iot import models as moto_iot

from kitbench.local_iot_core.apis import registry_api
from kitbench.local_iot_core.apis.certificate_authority import CertificateAuthority, certificate_id
from kitbench.local_iot_core.policies.authorization import certificate_variables

#: Attributes of a thing without a type and with one; policies of a principal. Source: AWS IoT Core quotas.
_ATTRIBUTES_UNTYPED: Final = 3
_ATTRIBUTES_TYPED: Final = 50
_POLICIES_PER_PRINCIPAL: Final = 10
#: Source: AWS IoT Core developer guide, "Create AWS IoT client certificates": supported algorithms of a CSR.
#: Types of endpoints at which somebody answers.
_SERVED_ENDPOINTS: Final = ("iot:Data-ATS", "iot:Data", "iot:Jobs")
_LEAST_RSA_BITS: Final = 2048
_CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


class IssuingBackend(moto_iot.IoTBackend):
    """The registry with certificates that a TLS stack accepts.

    Attributes:
        authority: signs what AWS's CA would sign.
        trust_foreign: is told the PEM of a certificate that another CA signed.
        endpoint_host: what DescribeEndpoint answers.
        is_connected: whether a client of this id is connected now.
        tags: of policies, groups, types and rules; moto's IoT has none.
    """

    authority: CertificateAuthority
    trust_foreign: Callable[[bytes], None]
    endpoint_host: str
    is_connected: Callable[[str], bool]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        #: ARN → tags.
        self.tags: dict[str, dict[str, str]] = {}

    @property
    def _url_module(self) -> Any:
        """Moto looks for a backend's URLs beside the module of its class; here they are in `registry_api`."""
        return registry_api

    def describe_endpoint(self, endpoint_type: str) -> Any:
        """Answer this machine's host, the same each time; moto invents a new one for each call.

        Raises:
            NotImplementedError: nobody here answers at an endpoint of this type.
        """
        endpoint = super().describe_endpoint(endpoint_type)
        if endpoint_type not in _SERVED_ENDPOINTS:
            raise NotImplementedError(f"{endpoint_type} is not modelled: there is {' and '.join(_SERVED_ENDPOINTS)}")
        endpoint.endpoint = self.endpoint_host
        return endpoint

    def effective_policies(self, principal: str | None, thing_name: str | None) -> list[Any]:
        """Return moto's policies that decide for a principal and for a thing, sorted by name.

        A thing's are those of its principals and of its groups, their parents included. Source: AWS IoT API reference,
        "GetEffectivePolicies"; developer guide, "Thing groups".
        """
        targets = {principal} if principal else set()
        things = self.list_principal_things(principal) if principal else []
        if principal:
            self._get_principal(principal)
        if thing_name:
            targets |= {*self.list_thing_principals(thing_name)}
            things = [*things, thing_name]
        targets |= {arn for name in things for arn in self.groups_of(name)}
        names = sorted({name for target, name in self.principal_policies if target in targets})
        return [self.policies[name] for name in names]

    def groups_of(self, thing_name: str) -> list[str]:
        """Return the ARNs of a thing's groups and of their parents."""
        thing = next((one for one in self.things.values() if one.thing_name == thing_name), None)
        own = [group for group in self.thing_groups.values() if thing is not None and thing.arn in group.things]
        parents = [parent["groupArn"] for group in own for parent in group.metadata.get("rootToParentThingGroups", [])]
        return [group.arn for group in own] + parents

    def variables_of(self, principal: str) -> dict[str, str]:
        """Return the policy variables of a certificate; none for another principal."""
        item = next((one for one in self.certificates.values() if one.arn == principal), None)
        if item is None:
            return {}
        parsed = x509.load_pem_x509_certificate(item.certificate_pem.encode())
        return dict(certificate_variables(parsed, item.certificate_id))

    def search_index(self, query_string: str) -> list[dict[str, Any]]:
        """Say who is connected, where that is indexed; moto calls everything connected."""
        mode = self.get_indexing_configuration()["thingIndexingConfiguration"]["thingConnectivityIndexingMode"]
        found = super().search_index(query_string)
        for thing in found:
            del thing["connectivity"], thing["shadow"]
            if mode == "STATUS":
                thing["connectivity"] = {"connected": self.is_connected(thing["thingName"])}
        return found

    def create_thing(
        self,
        thing_name: str,
        thing_type_name: str,
        attribute_payload: dict[str, Any] | None,
        billing_group_name: str | None = None,
    ) -> Any:
        """Answer a repeated call with the thing there is, and refuse one with another configuration; moto replaces it.

        Source: AWS IoT API reference, "CreateThing".
        """
        attributes = (attribute_payload or {}).get("attributes") or {}
        most = _ATTRIBUTES_TYPED if thing_type_name else _ATTRIBUTES_UNTYPED
        if len(attributes) > most:
            raise iot_exceptions.InvalidRequestException(f"thing has {len(attributes)} attributes, at most {most}")
        known = next((thing for thing in self.things.values() if thing.thing_name == thing_name), None)
        if known is None:
            return super().create_thing(thing_name, thing_type_name, attribute_payload, billing_group_name)
        known_type = known.thing_type.thing_type_name if known.thing_type else None
        if known.attributes != attributes or known_type != (thing_type_name or None):
            raise iot_exceptions.ResourceAlreadyExistsException(
                f"Thing {thing_name} already exists in account with different attributes", known.thing_id, known.arn
            )
        return known

    def delete_thing(self, thing_name: str) -> None:
        """Succeed for a thing that is not there; moto answers 404.

        Source: AWS IoT API reference, "DeleteThing".
        """
        if any(thing.thing_name == thing_name for thing in self.things.values()):
            super().delete_thing(thing_name)

    def update_thing(
        self,
        thing_name: str,
        thing_type_name: str,
        attribute_payload: dict[str, Any] | None,
        remove_thing_type: bool,  # noqa: FBT001 - moto's signature
    ) -> None:
        """Count the thing's versions; moto's stay 1."""
        super().update_thing(thing_name, thing_type_name, attribute_payload, remove_thing_type)
        self.describe_thing(thing_name).version += 1

    def register_ca_certificate(
        self,
        ca_certificate: str,
        set_as_active: bool,  # noqa: FBT001 - moto's signature
        registration_config: dict[str, str],
    ) -> Any:
        """Refuse garbage; moto takes it. The verification certificate is read by neither."""
        _parse_certificate(ca_certificate)
        return super().register_ca_certificate(ca_certificate, set_as_active, registration_config)

    def attach_policy(self, policy_name: str, target: str) -> None:
        """Attach at most ten policies to a principal; moto does not count."""
        attached = {name for principal, name in self.principal_policies if principal == target}
        if policy_name not in attached and len(attached) >= _POLICIES_PER_PRINCIPAL:
            raise _limit_exceeded(f"principal has {_POLICIES_PER_PRINCIPAL} policies attached")
        super().attach_policy(policy_name, target)

    def create_keys_and_certificate(self, set_as_active: bool) -> tuple[Any, dict[str, str]]:  # noqa: FBT001 - moto's
        """Sign with the local CA; moto's certificate is signed by the device's own key and has a wrong id."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=_LEAST_RSA_BITS)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AWS IoT Certificate")])
        certificate = self._register_own(self.authority.issue_device_certificate(name, key.public_key()), set_as_active)
        public_pem = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        private_pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        return certificate, {"PublicKey": public_pem.decode(), "PrivateKey": private_pem.decode()}

    def create_certificate_from_csr(self, csr: str, set_as_active: bool) -> Any:  # noqa: FBT001 - moto's signature
        """Certify the CSR's own public key and subject, if the CSR proves possession; moto makes up another key."""
        try:
            request = x509.load_pem_x509_csr(csr.encode())
            valid = request.is_signature_valid
            key = request.public_key()
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise iot_exceptions.InvalidRequestException("CSR is not valid PEM of a PKCS #10 request") from error
        if not valid or not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) or not _is_supported(key):
            raise iot_exceptions.InvalidRequestException("CSR's signature or key type is not valid")
        # moto hands the query's text on, and "false" is true.
        is_active = str(set_as_active).lower() == "true"
        return self._register_own(self.authority.issue_device_certificate(request.subject, key), is_active)

    def register_certificate_without_ca(self, certificate_pem: str, status: str) -> Any:
        """Take a certificate that the caller made; moto takes garbage, too."""
        parsed = _parse_certificate(certificate_pem)
        registered = super().register_certificate_without_ca(certificate_pem, status or "INACTIVE")
        self.adopt(registered, parsed)
        self.trust_foreign(parsed.public_bytes(serialization.Encoding.PEM))
        return registered

    def register_certificate(
        self,
        certificate_pem: str,
        ca_certificate_pem: str | None,
        set_as_active: bool,  # noqa: FBT001 - moto's signature
        status: str,
    ) -> Any:
        """Take a certificate of a registered CA; moto takes garbage and unknown CAs, too."""
        parsed = _parse_certificate(certificate_pem)
        if ca_certificate_pem is None or self._find_ca_certificate(ca_certificate_pem) is None:
            raise iot_exceptions.InvalidRequestException("CA certificate is not registered")
        registered = super().register_certificate(
            certificate_pem, ca_certificate_pem, set_as_active, status or "INACTIVE"
        )
        self.adopt(registered, parsed)
        self.trust_foreign(parsed.public_bytes(serialization.Encoding.PEM))
        return registered

    def _validation_delete(self, cert: Any, force_delete: bool = False) -> None:  # noqa: FBT001, FBT002 - moto's
        """Refuse a certificate that is in use; moto takes every principal for a certificate, a thing group, too."""
        if cert.status == "ACTIVE":
            raise iot_exceptions.CertificateStateException(
                "Certificate must be deactivated (not ACTIVE) before deletion.", cert.certificate_id
            )
        if any(principal == cert.arn for principal, _ in self.principal_things):
            raise iot_exceptions.DeleteConflictException(f"Things must be detached before deletion (arn: {cert.arn})")
        if not force_delete and any(principal == cert.arn for principal, _ in self.principal_policies):
            raise iot_exceptions.DeleteConflictException(
                f"Certificate policies must be detached before deletion (arn: {cert.arn})"
            )

    def _register_own(self, certificate: x509.Certificate, set_as_active: bool) -> Any:  # noqa: FBT001 - as moto has it
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        status = "ACTIVE" if set_as_active else "INACTIVE"
        registered = moto_iot.FakeCertificate(pem, status, self.account_id, self.region_name)
        self.adopt(registered, certificate)
        self.certificates[registered.certificate_id] = registered
        return registered

    def adopt(self, registered: Any, certificate: x509.Certificate) -> None:
        """Register a certificate of moto's, with the id, ARN and validity that follow from its DER."""
        self.certificates.pop(registered.certificate_id, None)
        head, _, _ = registered.arn.rpartition("/")
        registered.certificate_id = certificate_id(certificate)
        registered.arn = f"{head}/{registered.certificate_id}"
        registered.validity_not_before = _naive(certificate.not_valid_before_utc)
        registered.validity_not_after = _naive(certificate.not_valid_after_utc)
        if registered.certificate_id in self.certificates:
            raise iot_exceptions.ResourceAlreadyExistsException(
                "The certificate is already provisioned or registered", registered.certificate_id, registered.arn
            )
        self.certificates[registered.certificate_id] = registered


def _limit_exceeded(message: str) -> iot_exceptions.IoTClientError:
    error = iot_exceptions.IoTClientError("LimitExceededException", message)
    error.code = 410
    return error


def _parse_certificate(pem: str) -> x509.Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise iot_exceptions.InvalidRequestException("Certificate is not valid PEM") from error
    return certificate


def _is_supported(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= _LEAST_RSA_BITS
    return isinstance(key.curve, _CURVES)


def _naive(moment: dt.datetime) -> dt.datetime:
    """Return the moment as moto keeps time: UTC without saying so."""
    return moment.replace(tzinfo=None)
