"""Policy variables of a certificate and of its things."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kitbench.local_iot_core.policies.authorization import (
    Peer,
    RefusalError,
    authorizer_for,
    certificate_variables,
    find_certificate,
)
from kitbench.local_iot_core.policies.policy import Policy, Statement
from kitbench.local_iot_core.policies.registry import Certificate, Registry, Thing
from tests.kitbench.local_iot_core.broker_rig import arn


def test_names_of_a_certificate_are_variables() -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "first"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "second"),
            x509.NameAttribute(NameOID.COMMON_NAME, "kit"),
        ]
    )
    issuer = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "XX")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(4711)
        .not_valid_before(now)
        .not_valid_after(now)
        .sign(key, hashes.SHA256())
    )

    variables = certificate_variables(certificate, "id")

    assert variables["iot:CertificateId"] == "id"
    assert variables["iot:Certificate.SerialNumber"] == "4711"
    assert variables["iot:Certificate.Subject.CommonName"] == "kit"
    assert variables["iot:Certificate.Subject.OrganizationalUnit"] == "first"
    assert variables["iot:Certificate.Subject.OrganizationalUnit.1"] == "second"
    assert variables["iot:Certificate.Issuer.Country"] == "XX"


def test_attributes_and_type_of_the_attached_thing_are_variables() -> None:
    pattern = arn("topic/${iot:Connection.Thing.ThingTypeName}/${iot:Connection.Thing.Attributes[room]}")
    policy = Policy("p", (Statement(allows=True, actions=("iot:Publish",), resources=(pattern,)),))
    certificate = Certificate("c", "ACTIVE", (policy,), (Thing("kit", {"room": "lab"}, "esp32"),))

    attached = authorizer_for(certificate, Peer("127.0.0.1", "c"), "kit")
    other = authorizer_for(certificate, Peer("127.0.0.1", "c"), "other")

    assert attached.decide("iot:Publish", arn("topic/esp32/lab")).allowed
    assert not other.decide("iot:Publish", arn("topic/esp32/lab")).allowed


def test_signed_peer_may_do_everything_of_iot_and_nothing_else() -> None:
    authorizer = authorizer_for(None, Peer("127.0.0.1", access_key_id="AKIA"), "observer")

    assert authorizer.decide("iot:Subscribe", arn("topicfilter/#")).allowed
    assert not authorizer.decide("s3:GetObject", arn("topicfilter/#")).allowed


ACTIVE = Certificate("c", "ACTIVE")
REGISTRY = Registry({"c": ACTIVE, "off": Certificate("off", "INACTIVE"), "gone": Certificate("gone", "REVOKED")})


def test_active_certificate_is_found() -> None:
    assert find_certificate(REGISTRY, Peer("127.0.0.1", "c")) is ACTIVE


def test_signed_peer_needs_no_certificate() -> None:
    assert find_certificate(REGISTRY, Peer("127.0.0.1", access_key_id="AKIA")) is None


@pytest.mark.parametrize(
    ("certificate_id", "why"),
    [
        (None, "no client certificate was presented"),
        ("unknown", "certificate unknown is not registered"),
        ("off", "certificate off is INACTIVE"),
        ("gone", "certificate gone is REVOKED"),
    ],
)
def test_any_other_certificate_is_refused(certificate_id: str | None, why: str) -> None:
    with pytest.raises(RefusalError, match=f"^{why}$"):
        find_certificate(REGISTRY, Peer("127.0.0.1", certificate_id))


@pytest.mark.parametrize(
    ("peer", "principal"),
    [(Peer("::1", "c"), "c"), (Peer("::1", access_key_id="AKIA"), "AKIA"), (Peer("::1"), "")],
)
def test_principal_is_the_certificate_or_the_signer(peer: Peer, principal: str) -> None:
    assert peer.principal == principal
