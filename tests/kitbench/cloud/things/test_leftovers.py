"""A sweep without ledgers takes what is ours and over, and nothing else."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.things.client_identity import ClientIdentity, Topics
from kitbench.cloud.things.ledger import open_ledger
from kitbench.cloud.things.leftovers import sweep
from kitbench.cloud.things.names import Run
from kitbench.cloud.things.provisioning import provision
from kitbench.cloud.things.removal import Removal
from kitbench.cloud.things.topic_lease import lease_name
from kitbench.errors import CloudError

_TOPICS = Topics.both("kitbench/test")
_DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}]}'
_NOW = 2_000_000_000


@pytest.fixture(name="abandoned")
def _abandoned(endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], ClientIdentity]:
    """Provision a run that expires then, and forget it without ledger."""

    def abandon(expires: int) -> ClientIdentity:
        run = Run(f"{expires:010x}", expires)
        with (
            monkeypatch.context() as patch,
            open_ledger(endpoint.cloud_id, folder=tmp_path / f"lost-{expires}", run=run) as ledger,
        ):
            patch.setattr("kitbench.cloud.things.provisioning.settle", lambda *_, **__: None)
            with provision(endpoint, ledger, topics=_TOPICS) as kit:
                return kit

    return abandon


@pytest.fixture(name="foreign")
def _foreign(endpoint: Endpoint, iot: Any, account: Callable[[], set[str]]) -> Iterator[str]:
    """Resources that look a little like ours; yields the ARN of a certificate among them."""
    impostor = {"attributes": {"kitbench_run": "somebody", "kitbench_expires": "1"}}
    iot.create_thing(thingName="kitbench-00000001-0123456789-kit", attributePayload=impostor)
    iot.create_thing(thingName="kitbench-lease-0123456789abcdef")
    iot.create_policy(policyName="kitbench-notes", policyDocument=_DOCUMENT)
    arn = iot.create_keys_and_certificate(setAsActive=True)["certificateArn"]
    loose = iot.create_keys_and_certificate(setAsActive=False)["certificateId"]
    iot.attach_policy(policyName="kitbench-notes", target=arn)
    yield arn
    removal = Removal(endpoint, iot)
    removal.certificate(arn.rpartition("/")[2])
    removal.certificate(loose)
    removal.policy("kitbench-notes")
    removal.thing("kitbench-00000001-0123456789-kit")
    removal.thing("kitbench-lease-0123456789abcdef")


def test_expired_run_is_swept_and_foreign_resources_stay(
    endpoint: Endpoint, foreign: str, abandoned: Callable[[int], ClientIdentity], account: Callable[[], set[str]]
) -> None:
    before = account()
    kit = abandoned(_NOW - 1)

    swept = sweep(endpoint, now=_NOW)

    assert kit.private_key_file is not None
    assert [(one.kind, one.name) for one in swept.removed] == [
        ("key_folder", str(kit.private_key_file.parent)),
        ("certificate", kit.certificate_id),
        ("policy", kit.policy_name),
        ("thing", kit.thing_name),
    ]
    assert not kit.private_key_file.parent.exists()
    assert swept.troubles == ()
    assert account() == before


def test_foreign_certificate_on_a_thing_or_policy_of_ours_is_let_go_not_deleted(
    endpoint: Endpoint,
    iot: Any,
    foreign: str,
    abandoned: Callable[[int], ClientIdentity],
    account: Callable[[], set[str]],
) -> None:
    before = account()
    kit = abandoned(_NOW - 1)
    iot.attach_thing_principal(thingName=kit.thing_name, principal=foreign)
    iot.attach_policy(policyName=kit.policy_name, target=foreign)

    sweep(endpoint, now=_NOW)

    assert account() == before
    policies = iot.list_attached_policies(target=foreign)["policies"]
    assert [policy["policyName"] for policy in policies] == ["kitbench-notes"]


def test_certificate_of_a_living_run_stays_though_an_expired_policy_of_ours_is_attached(
    endpoint: Endpoint, iot: Any, abandoned: Callable[[int], ClientIdentity]
) -> None:
    dead, living = abandoned(_NOW - 1), abandoned(_NOW + 60)
    iot.attach_policy(policyName=dead.policy_name, target=living.certificate_arn)

    swept = sweep(endpoint, now=_NOW)

    assert {one.name for one in swept.removed if one.kind == "certificate"} == {dead.certificate_id}
    description = iot.describe_certificate(certificateId=living.certificate_id)["certificateDescription"]
    assert description["status"] == "ACTIVE"
    sweep(endpoint, now=_NOW + 61)


def test_certificate_of_a_living_run_stays_though_the_trail_names_it(
    endpoint: Endpoint, iot: Any, abandoned: Callable[[int], ClientIdentity]
) -> None:
    """By the clock's time, as the trail remembers today's calls alone."""
    expires = int(time.time()) + 3600
    living = abandoned(expires)

    assert sweep(endpoint).removed == ()

    description = iot.describe_certificate(certificateId=living.certificate_id)["certificateDescription"]
    assert description["status"] == "ACTIVE"
    over = sweep(endpoint, now=expires + 1).removed
    assert {"certificate": living.certificate_id}.items() <= {str(one.kind): one.name for one in over}.items()


def test_active_certificate_stays_though_its_common_name_looks_like_ours(endpoint: Endpoint, iot: Any) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kitbench-00000001-0123456789-kit")])
    key = ec.generate_private_key(ec.SECP256R1())
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    text = csr.public_bytes(Encoding.PEM).decode()
    made = iot.create_certificate_from_csr(certificateSigningRequest=text, setAsActive=True)

    assert sweep(endpoint).removed == ()

    iot.update_certificate(certificateId=made["certificateId"], newStatus="INACTIVE")
    assert [one.name for one in sweep(endpoint).removed] == [made["certificateId"]]


def test_run_that_is_not_over_is_kept_and_told(
    endpoint: Endpoint, abandoned: Callable[[int], ClientIdentity], account: Callable[[], set[str]]
) -> None:
    kit = abandoned(_NOW + 60)
    during = account()

    swept = sweep(endpoint, now=_NOW)

    assert swept.removed == ()
    assert {one.name for one in swept.kept} == {kit.thing_name, kit.policy_name}
    assert account() == during
    sweep(endpoint, now=_NOW + 61)


def test_dry_run_deletes_nothing_and_says_why(
    endpoint: Endpoint, abandoned: Callable[[int], ClientIdentity], account: Callable[[], set[str]]
) -> None:
    abandoned(_NOW - 1)
    during = account()

    swept = sweep(endpoint, dry_run=True, now=_NOW)

    assert account() == during
    _, certificate, policy, thing = swept.removed
    assert certificate.why.startswith("holds nothing but expired policies of ours")
    assert policy.why == f"name: run {_NOW - 1:010x}, expires 2033-05-18T03:33:19Z"
    assert thing.why == f"name and attributes: run {_NOW - 1:010x}, expires 2033-05-18T03:33:19Z"
    sweep(endpoint, now=_NOW)


def test_one_run_is_swept_by_its_id_before_its_time(
    endpoint: Endpoint, abandoned: Callable[[int], ClientIdentity]
) -> None:
    one, other = abandoned(_NOW + 60), abandoned(_NOW + 120)

    swept = sweep(endpoint, run_id=f"{_NOW + 60:010x}", now=_NOW)

    assert {left.name for left in swept.removed} >= {one.certificate_id, one.policy_name, one.thing_name}
    assert {left.name for left in swept.kept} == {other.policy_name, other.thing_name}
    sweep(endpoint, now=_NOW + 200)


@pytest.mark.parametrize("is_attached", [True, False])
def test_half_undone_run_is_swept_by_what_is_left_of_it(
    endpoint: Endpoint, iot: Any, abandoned: Callable[[int], ClientIdentity], *, is_attached: bool
) -> None:
    """Detached from the thing, then from the policy: after that only the audit trail knows the certificate."""
    expires = int(time.time()) - 1
    kit = abandoned(expires)
    iot.update_certificate(certificateId=kit.certificate_id, newStatus="INACTIVE")
    iot.detach_thing_principal(thingName=kit.thing_name, principal=kit.certificate_arn)
    if not is_attached:
        iot.detach_policy(policyName=kit.policy_name, target=kit.certificate_arn)

    swept = sweep(endpoint)

    certificate = next(one for one in swept.removed if one.kind == "certificate")
    assert certificate.name == kit.certificate_id
    assert is_attached or "audit trail" in certificate.why


def test_lease_that_nobody_wants_is_swept(endpoint: Endpoint, iot: Any) -> None:
    payload = {"attributes": {"kitbench_run": "0123456789", "kitbench_expires": str(_NOW - 7200)}}
    iot.create_thing(thingName=lease_name("test_topic/esp32"), attributePayload=payload)

    swept = sweep(endpoint, now=_NOW)

    assert [one.why for one in swept.removed] == ["a lease of ours that ran out"]


def test_what_cannot_be_deleted_is_told_and_the_rest_goes(
    endpoint: Endpoint, inject: Callable[..., Any], fault: Any, abandoned: Callable[[int], ClientIdentity]
) -> None:
    kit = abandoned(_NOW - 1)
    injection = inject("DeletePolicy", fault.DENIED, times=99)

    swept = sweep(endpoint, now=_NOW)

    assert {one.name for one in swept.removed if one.kind != "key_folder"} == {kit.certificate_id, kit.thing_name}
    (trouble,) = swept.troubles
    assert "AccessDeniedException" in trouble
    injection.times = 0
    sweep(endpoint, now=_NOW)


def test_account_that_cannot_be_listed_is_a_cloud_error(
    endpoint: Endpoint, inject: Callable[..., Any], fault: Any
) -> None:
    inject("ListThings", fault.DENIED, times=99)

    with pytest.raises(CloudError, match="cannot list the account: AccessDeniedException"):
        sweep(endpoint)


def test_trail_that_cannot_be_asked_is_told(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise CloudError("no right")

    monkeypatch.setattr("kitbench.cloud.things.audit_trail._issued_by", refuse)

    (trouble,) = sweep(replace(endpoint)).troubles

    assert "cannot ask CloudTrail: no right" in trouble


def test_many_foreign_inactive_certificates_are_not_all_looked_into(
    endpoint: Endpoint, iot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kitbench.cloud.things.leftovers._INACTIVE_MAX", 1)
    loose = [iot.create_keys_and_certificate(setAsActive=False)["certificateId"] for _ in range(2)]

    swept = sweep(endpoint)

    assert swept.troubles == ("looked into 1 of 2 INACTIVE certificates only",)
    for certificate_id in loose:
        iot.delete_certificate(certificateId=certificate_id)


def test_expired_run_with_a_common_name_of_ours_is_found_without_the_trail(
    endpoint: Endpoint, iot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kitbench-00000001-0123456789-kit")])
    key = ec.generate_private_key(ec.SECP256R1())
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    made = iot.create_certificate_from_csr(certificateSigningRequest=csr.public_bytes(Encoding.PEM).decode())

    (left,) = sweep(endpoint).removed

    assert left.name == made["certificateId"]
    assert left.why.startswith("common name: run 0123456789")
