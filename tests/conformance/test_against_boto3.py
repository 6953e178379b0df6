"""The control plane judged by boto3: what provisioning, sweep and doctor call, and what AWS refuses."""

import hashlib
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conformance.local_iot_core_process import ARN, LocalCore, running_local_iot_core

ALLOW_ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


@pytest.fixture(name="core", scope="module")
def _core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCore]:
    with running_local_iot_core(tmp_path_factory.mktemp("core") / "events.jsonl") as core:
        yield core


@pytest.fixture(name="iot")
def _iot(core: LocalCore) -> Any:
    return core.client()


def code_of(call: Any, **arguments: Any) -> str:
    """Return the error code that a call is answered with."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


def make_csr(common_name: str, *, curve: ec.EllipticCurve | None = None) -> tuple[str, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(curve or ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode(), key


class TestCertificates:
    def test_certificate_id_is_sha256_of_der(self, iot: Any) -> None:
        answer = iot.create_keys_and_certificate(setAsActive=False)

        der = ssl.PEM_cert_to_DER_cert(answer["certificatePem"])
        assert answer["certificateId"] == hashlib.sha256(der).hexdigest()
        assert answer["certificateArn"] == f"{ARN}:cert/{answer['certificateId']}"

    def test_certificate_is_signed_by_the_local_ca(self, core: LocalCore, iot: Any) -> None:
        answer = iot.create_keys_and_certificate(setAsActive=False)

        certificate = x509.load_pem_x509_certificate(answer["certificatePem"].encode())
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(Path(core.ca_file).read_bytes()))

    def test_key_is_rsa_2048_and_of_the_certificate(self, iot: Any) -> None:
        answer = iot.create_keys_and_certificate(setAsActive=False)

        key = serialization.load_pem_private_key(answer["keyPair"]["PrivateKey"].encode(), None)
        certificate = x509.load_pem_x509_certificate(answer["certificatePem"].encode())
        assert key.key_size == 2048  # type: ignore[union-attr]  # RSA, or the test fails
        assert key.public_key() == certificate.public_key()

    def test_csr_keeps_key_and_subject(self, iot: Any) -> None:
        csr, key = make_csr("kit-7")

        answer = iot.create_certificate_from_csr(certificateSigningRequest=csr, setAsActive=True)

        certificate = x509.load_pem_x509_certificate(answer["certificatePem"].encode())
        assert certificate.public_key() == key.public_key()
        assert certificate.subject.rfc4514_string() == "CN=kit-7"

    def test_csr_without_set_as_active_is_inactive(self, iot: Any) -> None:
        csr, _ = make_csr("kit-8")

        answer = iot.create_certificate_from_csr(certificateSigningRequest=csr, setAsActive=False)

        description = iot.describe_certificate(certificateId=answer["certificateId"])["certificateDescription"]
        assert description["status"] == "INACTIVE"

    @pytest.mark.parametrize(
        "csr",
        [
            "garbage",
            "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
            make_csr("kit", curve=ec.SECP256K1())[0],
        ],
        ids=["garbage", "no DER", "unsupported curve"],
    )
    def test_bad_csr_is_invalid(self, iot: Any, csr: str) -> None:
        assert code_of(iot.create_certificate_from_csr, certificateSigningRequest=csr) == "InvalidRequestException"

    def test_csr_with_a_spoilt_signature_is_invalid(self, iot: Any) -> None:
        csr, _ = make_csr("kit")
        der = bytearray(x509.load_pem_x509_csr(csr.encode()).public_bytes(serialization.Encoding.DER))
        der[-1] ^= 1
        spoilt = x509.load_der_x509_csr(bytes(der)).public_bytes(serialization.Encoding.PEM).decode()

        assert code_of(iot.create_certificate_from_csr, certificateSigningRequest=spoilt) == "InvalidRequestException"

    def test_garbage_pem_is_not_registered(self, iot: Any) -> None:
        call = iot.register_certificate_without_ca
        assert code_of(call, certificatePem="garbage", status="ACTIVE") == "InvalidRequestException"

    def test_garbage_ca_is_not_registered(self, iot: Any) -> None:
        call = iot.register_ca_certificate
        assert code_of(call, caCertificate="garbage", setAsActive=True) == "InvalidRequestException"

    def test_certificate_of_an_unknown_ca_is_not_registered(self, iot: Any) -> None:
        pem = iot.create_keys_and_certificate()["certificatePem"]

        assert code_of(iot.register_certificate, certificatePem=pem, caCertificatePem=pem) == "InvalidRequestException"

    def test_registering_twice_is_a_conflict(self, iot: Any) -> None:
        pem = iot.create_keys_and_certificate()["certificatePem"]

        call = iot.register_certificate_without_ca
        assert code_of(call, certificatePem=pem, status="ACTIVE") == "ResourceAlreadyExistsException"

    def test_active_certificate_is_not_deleted(self, iot: Any) -> None:
        certificate = iot.create_keys_and_certificate(setAsActive=True)["certificateId"]

        assert code_of(iot.delete_certificate, certificateId=certificate) == "CertificateStateException"
        iot.update_certificate(certificateId=certificate, newStatus="INACTIVE")
        iot.delete_certificate(certificateId=certificate)
        assert code_of(iot.describe_certificate, certificateId=certificate) == "ResourceNotFoundException"

    def test_state_of_a_transfer_cannot_be_set(self, iot: Any) -> None:
        certificate = iot.create_keys_and_certificate()["certificateId"]

        call = iot.update_certificate
        assert code_of(call, certificateId=certificate, newStatus="PENDING_TRANSFER") == "InvalidRequestException"

    def test_validity_is_that_of_the_certificate(self, iot: Any) -> None:
        answer = iot.create_keys_and_certificate()

        description = iot.describe_certificate(certificateId=answer["certificateId"])["certificateDescription"]
        certificate = x509.load_pem_x509_certificate(answer["certificatePem"].encode())
        assert description["validity"]["notAfter"] == certificate.not_valid_after_utc


class TestDeletionOrder:
    def test_attached_things_and_policies_come_off_first(self, iot: Any) -> None:
        answer = iot.create_keys_and_certificate(setAsActive=False)
        arn, certificate = answer["certificateArn"], answer["certificateId"]
        iot.create_thing(thingName="order")
        iot.create_policy(policyName="order", policyDocument=ALLOW_ALL)
        iot.attach_policy(policyName="order", target=arn)
        iot.attach_thing_principal(thingName="order", principal=arn)

        assert code_of(iot.delete_certificate, certificateId=certificate) == "DeleteConflictException"
        assert code_of(iot.delete_policy, policyName="order") == "DeleteConflictException"
        assert code_of(iot.delete_thing, thingName="order") == "InvalidRequestException"
        iot.detach_thing_principal(thingName="order", principal=arn)
        assert code_of(iot.delete_certificate, certificateId=certificate) == "DeleteConflictException"
        iot.detach_policy(policyName="order", target=arn)
        iot.delete_certificate(certificateId=certificate)
        iot.delete_policy(policyName="order")
        iot.delete_thing(thingName="order")

    def test_other_versions_of_a_policy_go_first(self, iot: Any) -> None:
        iot.create_policy(policyName="versions", policyDocument=ALLOW_ALL)
        iot.create_policy_version(policyName="versions", policyDocument=ALLOW_ALL, setAsDefault=True)

        assert code_of(iot.delete_policy, policyName="versions") == "DeleteConflictException"
        iot.delete_policy_version(policyName="versions", policyVersionId="1")
        iot.delete_policy(policyName="versions")

    def test_sixth_version_is_refused(self, iot: Any) -> None:
        iot.create_policy(policyName="six", policyDocument=ALLOW_ALL)
        for _ in range(4):
            iot.create_policy_version(policyName="six", policyDocument=ALLOW_ALL)

        call = iot.create_policy_version
        assert code_of(call, policyName="six", policyDocument=ALLOW_ALL) == "VersionsLimitExceededException"

    def test_detaching_a_policy_twice_succeeds(self, iot: Any) -> None:
        arn = iot.create_keys_and_certificate()["certificateArn"]
        iot.create_policy(policyName="twice", policyDocument=ALLOW_ALL)

        iot.detach_policy(policyName="twice", target=arn)


class TestThings:
    def test_same_configuration_again_succeeds(self, iot: Any) -> None:
        payload = {"attributes": {"run": "r1"}}
        first = iot.create_thing(thingName="again", attributePayload=payload)

        assert iot.create_thing(thingName="again", attributePayload=payload)["thingId"] == first["thingId"]

    def test_other_attributes_are_a_conflict(self, iot: Any) -> None:
        iot.create_thing(thingName="other", attributePayload={"attributes": {"run": "r1"}})

        payload = {"attributes": {"run": "r2"}}
        code = code_of(iot.create_thing, thingName="other", attributePayload=payload)
        assert code == "ResourceAlreadyExistsException"
        assert iot.describe_thing(thingName="other")["attributes"] == {"run": "r1"}

    def test_deleting_a_missing_thing_succeeds(self, iot: Any) -> None:
        iot.delete_thing(thingName="never-made")

    def test_version_counts_updates(self, iot: Any) -> None:
        iot.create_thing(thingName="counted")

        iot.update_thing(thingName="counted", attributePayload={"attributes": {"run": "r1"}})

        assert iot.describe_thing(thingName="counted")["version"] == 2

    def test_other_expected_version_is_a_conflict(self, iot: Any) -> None:
        iot.create_thing(thingName="version")

        assert code_of(iot.delete_thing, thingName="version", expectedVersion=9) == "VersionConflictException"

    @pytest.mark.parametrize("name", ["n" * 129, "white space", "ümlaut"])
    def test_bad_name_is_refused(self, iot: Any, name: str) -> None:
        assert code_of(iot.create_thing, thingName=name) == "InvalidRequestException"

    @pytest.mark.parametrize(
        "attributes", [{"run": "v" * 801}, {"a b": "v"}, {"run": "a b"}, {"a": "1", "b": "2", "c": "3", "d": "4"}]
    )
    def test_bad_attributes_are_refused(self, iot: Any, attributes: dict[str, str]) -> None:
        payload = {"attributes": attributes}
        assert code_of(iot.create_thing, thingName="bad", attributePayload=payload) == "InvalidRequestException"


class TestPolicies:
    @pytest.mark.parametrize(
        "document",
        [
            "",
            "not JSON",
            "[]",
            '{"Version": "2012-10-17"}',
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Maybe", "Action": "iot:*", "Resource": "*"}]}',
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}',
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*"}]}',
            ALLOW_ALL.replace('"*"', f'"arn:aws:iot:::{"x" * 2048}"'),
        ],
        ids=["empty", "no JSON", "list", "no statement", "effect", "other service", "no resource", "too long"],
    )
    def test_malformed_document_is_refused(self, iot: Any, document: str) -> None:
        call = iot.create_policy
        assert code_of(call, policyName="malformed", policyDocument=document) == "MalformedPolicyException"

    def test_white_space_does_not_count(self, iot: Any) -> None:
        iot.create_policy(policyName="white", policyDocument=ALLOW_ALL + " " * 4000)

    def test_long_name_is_refused(self, iot: Any) -> None:
        call = iot.create_policy
        assert code_of(call, policyName="n" * 129, policyDocument=ALLOW_ALL) == "InvalidRequestException"

    def test_eleventh_policy_of_a_certificate_is_refused(self, iot: Any) -> None:
        arn = iot.create_keys_and_certificate()["certificateArn"]
        for number in range(11):
            iot.create_policy(policyName=f"many-{number}", policyDocument=ALLOW_ALL)
        for number in range(10):
            iot.attach_policy(policyName=f"many-{number}", target=arn)

        assert code_of(iot.attach_policy, policyName="many-10", target=arn) == "LimitExceededException"

    def test_tags_of_a_policy_are_kept(self, iot: Any) -> None:
        tags = [{"Key": "run", "Value": "r1"}]
        arn = iot.create_policy(policyName="tagged", policyDocument=ALLOW_ALL, tags=tags)["policyArn"]

        assert iot.list_tags_for_resource(resourceArn=arn)["tags"] == tags
        iot.untag_resource(resourceArn=arn, tagKeys=["run"])
        assert iot.list_tags_for_resource(resourceArn=arn)["tags"] == []


class TestLists:
    @pytest.mark.parametrize(
        ("call", "key"), [("list_policies", "policies"), ("list_certificates", "certificates")], ids=str
    )
    def test_page_size_is_kept_and_pages_are_complete(self, iot: Any, call: str, key: str) -> None:
        for number in range(3):
            iot.create_policy(policyName=f"page-{call}-{number}", policyDocument=ALLOW_ALL)
            iot.create_keys_and_certificate()

        pages = list(iot.get_paginator(call).paginate(PaginationConfig={"PageSize": 2}))

        assert all(len(page[key]) <= 2 for page in pages)
        assert sum(len(page[key]) for page in pages) == len(getattr(iot, call)(pageSize=250)[key])
        assert len(pages) >= 2

    def test_default_page_has_25(self, iot: Any) -> None:
        for number in range(26):
            iot.create_thing(thingName=f"page-{number}")
            iot.create_policy(policyName=f"default-page-{number}", policyDocument=ALLOW_ALL)

        assert len(iot.list_policies()["policies"]) == 25
        assert len(iot.list_policies()["nextMarker"]) > 0

    def test_too_large_page_is_refused(self, iot: Any) -> None:
        assert code_of(iot.list_policies, pageSize=251) == "InvalidRequestException"

    def test_foreign_marker_is_refused(self, iot: Any) -> None:
        assert code_of(iot.list_policies, marker="Zm9yZWlnbg==") == "InvalidRequestException"


class TestService:
    def test_endpoint_is_this_machine_each_time(self, iot: Any) -> None:
        answers = {iot.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"] for _ in range(2)}
        assert answers == {"localhost"}

    def test_caller_is_the_account_of_the_arns(self, core: LocalCore) -> None:
        assert core.client("sts").get_caller_identity()["Account"] == core.endpoint["account"] == "000000000000"

    def test_other_region_is_refused(self, core: LocalCore) -> None:
        assert code_of(core.client(region="eu-west-1").list_things) == "InvalidSignatureException"

    def test_other_service_is_refused(self, core: LocalCore) -> None:
        assert code_of(core.client("lambda").list_functions) == "UnrecognizedClientException"

    def test_call_that_moto_lacks_is_one_line(self, iot: Any) -> None:
        code = code_of(iot.describe_account_audit_configuration)
        assert code == "NotImplementedException"

    def test_audit_trail_names_the_certificate_and_no_key(self, core: LocalCore, iot: Any) -> None:
        answer = iot.create_keys_and_certificate()

        trail = core.client("cloudtrail")
        attributes = [{"AttributeKey": "EventName", "AttributeValue": "CreateKeysAndCertificate"}]
        events = trail.lookup_events(LookupAttributes=attributes)["Events"]
        assert answer["certificateId"] in events[0]["CloudTrailEvent"]
        assert "PRIVATE KEY" not in str(events)
        assert len(events) <= 50
