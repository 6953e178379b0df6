"""A thing lives as long as its block, whatever happens to the calls."""

import logging
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from kitbench.cloud.billing.meter import Meter
from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.things.client_identity import Topics
from kitbench.cloud.things.ledger import Ledger, open_ledger
from kitbench.cloud.things.provisioning import provision, set_active
from kitbench.cloud.things.recovery import recover
from kitbench.errors import BenchError, CloudError, UsageError

_TOPICS = Topics.both("kitbench/test")
_MAKING = ("CreateThing", "CreatePolicy", "CreateKeysAndCertificate", "AttachPolicy", "AttachThingPrincipal")
_UNMAKING = ("DetachThingPrincipal", "DetachPolicy", "DeleteCertificate", "DeletePolicy", "DeleteThing")
_LISTING = ("ListPrincipalThings", "ListAttachedPolicies", "ListTargetsForPolicy", "ListThingPrincipals")


def _csr(common_name: str) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return key, request.public_bytes(Encoding.PEM)


def test_everything_is_there_and_then_gone(
    endpoint: Endpoint, ledger: Ledger, iot: Any, account: Callable[[], set[str]]
) -> None:
    before = account()

    with provision(endpoint, ledger, topics=_TOPICS) as kit:
        certificate = iot.describe_certificate(certificateId=kit.certificate_id)["certificateDescription"]
        assert certificate["status"] == "ACTIVE"
        assert iot.list_principal_things(principal=kit.certificate_arn)["things"] == [kit.thing_name]
        policies = iot.list_attached_policies(target=kit.certificate_arn)["policies"]
        assert [policy["policyName"] for policy in policies] == [kit.policy_name]
        assert len(account() - before) == 3
        assert iot.describe_thing(thingName=kit.thing_name)["attributes"]["kitbench_run"] == ledger.run.run_id

    assert account() == before
    assert not ledger.holdings()


def test_key_lies_in_a_private_file_and_fits_the_certificate(endpoint: Endpoint, ledger: Ledger) -> None:
    with provision(endpoint, ledger, topics=_TOPICS) as kit:
        assert kit.private_key_file is not None
        assert kit.private_key_file.stat().st_mode & 0o777 == 0o600
        assert kit.private_key_file.parent.stat().st_mode & 0o777 == 0o700
        public = load_pem_private_key(kit.private_key_file.read_bytes(), None).public_key()
        of_certificate = x509.load_pem_x509_certificate(kit.certificate_pem).public_key()
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert public.public_bytes(*form) == of_certificate.public_bytes(*form)

    assert not kit.private_key_file.parent.exists()


@pytest.mark.parametrize("from_csr", [False, True])
def test_certificate_is_in_the_ledger_by_its_id_once_that_is_known(
    endpoint: Endpoint, ledger: Ledger, *, from_csr: bool
) -> None:
    """The trail, which would know it, too, lags by minutes on AWS."""
    csr = _csr(ledger.run.name("kit"))[1] if from_csr else None

    with provision(endpoint, ledger, topics=_TOPICS, csr_pem=csr) as kit:
        kinds = {(kind.value, name) for kind, name in ledger.holdings()}

    assert ("certificate", kit.certificate_id) in kinds
    assert not [name for kind, name in kinds if kind == "issuance"]


def test_key_folder_that_is_there_already_is_not_used(endpoint: Endpoint, ledger: Ledger) -> None:
    folder = Path(tempfile.gettempdir()) / f"kitbench-key-{ledger.run.name('kit')}"
    folder.mkdir()

    with pytest.raises(BenchError, match="cannot make the folder"), provision(endpoint, ledger, topics=_TOPICS):
        pytest.fail("it was used")


def test_certificate_from_a_csr_is_for_its_key_and_no_key_is_on_the_bench(endpoint: Endpoint, ledger: Ledger) -> None:
    key, csr = _csr(ledger.run.name("kit"))

    with provision(endpoint, ledger, topics=_TOPICS, csr_pem=csr) as kit:
        certificate = x509.load_pem_x509_certificate(kit.certificate_pem)

    assert certificate.public_key() == key.public_key()
    assert kit.private_key_file is None
    assert kit.certificate_id == sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def test_broken_csr_is_the_callers_fault_and_leaves_nothing(endpoint: Endpoint, ledger: Ledger) -> None:
    with (
        pytest.raises(UsageError, match="cannot be read as PEM"),
        provision(endpoint, ledger, topics=_TOPICS, csr_pem=b"garbage"),
    ):
        pytest.fail("it was provisioned")

    assert not ledger.holdings()


def test_failure_within_the_block_is_not_hidden(endpoint: Endpoint, ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError), provision(endpoint, ledger, topics=_TOPICS):
        raise ZeroDivisionError

    assert not ledger.holdings()


def test_two_roles_come_and_go_apart(endpoint: Endpoint, ledger: Ledger) -> None:
    with provision(endpoint, ledger, "kit", topics=_TOPICS) as kit:
        with provision(endpoint, ledger, "observer", topics=_TOPICS.for_observer([kit.client_id])) as observer:
            assert kit.client_id != observer.client_id
        assert kit.private_key_file is not None
        assert kit.private_key_file.exists()
        assert observer.thing_name not in {name for _, name in ledger.holdings()}
        assert kit.thing_name in {name for _, name in ledger.holdings()}


def test_private_key_is_in_no_log_and_no_repr(
    endpoint: Endpoint, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), provision(endpoint, ledger, topics=_TOPICS) as kit:
        assert kit.private_key_file is not None
        lines = kit.private_key_file.read_text().splitlines()
        ledger_text = ledger.path.read_text()

    assert "Response body" in caplog.text, "the control: botocore does log bodies"
    assert "[private key left out]" in caplog.text
    leaked = [line in text for line in lines[1:-1] for text in (caplog.text, repr(kit), ledger_text)]
    assert not any(leaked)


def test_deactivated_and_activated_again(endpoint: Endpoint, ledger: Ledger, iot: Any) -> None:
    with provision(endpoint, ledger, topics=_TOPICS) as kit:
        for active, status in ((False, "INACTIVE"), (True, "ACTIVE")):
            set_active(endpoint, kit, active=active)
            certificate = iot.describe_certificate(certificateId=kit.certificate_id)["certificateDescription"]
            assert certificate["status"] == status


def test_registry_operations_are_metered(endpoint: Endpoint, ledger: Ledger) -> None:
    meter = Meter()

    with provision(endpoint, ledger, topics=_TOPICS, meter=meter):
        assert meter.reading().registry_operations == 2

    assert meter.reading().registry_operations == 6


def test_ledger_of_another_account_is_refused(endpoint: Endpoint, tmp_path: Path) -> None:
    with (
        open_ledger("aws:1:eu-west-1", folder=tmp_path) as ledger,
        pytest.raises(UsageError, match="the ledger is of aws:1:eu-west-1"),
        provision(endpoint, ledger, topics=_TOPICS),
    ):
        pytest.fail("it was provisioned")


@pytest.mark.parametrize(
    "kind",
    ["REPLY_LOST", *(pytest.param(one, marks=pytest.mark.slow) for one in ("THROTTLED", "SERVER_ERROR", "TIMED_OUT"))],
)
@pytest.mark.parametrize("operation", [*_MAKING, "UpdateCertificate", *_LISTING, *_UNMAKING])
def test_passing_fault_of_any_call_is_fixed(
    endpoint: Endpoint, ledger: Ledger, inject: Callable[..., Any], fault: Any, operation: str, kind: str
) -> None:
    injection = inject(operation, fault[kind], times=2)

    with provision(endpoint, ledger, topics=_TOPICS):
        pass

    assert injection.hits == 2
    assert not ledger.holdings()


@pytest.mark.parametrize("operation", ["DeleteCertificate", "DeletePolicy"])
def test_deletion_waits_until_aws_has_detached(
    endpoint: Endpoint,
    ledger: Ledger,
    inject: Callable[..., Any],
    fault: Any,
    operation: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("kitbench.cloud.things.removal._sleep", pauses.append)
    injection = inject(operation, fault.CONFLICT, times=20)

    with provision(endpoint, ledger, topics=_TOPICS):
        pass

    assert injection.hits == 20
    assert sum(pauses) > 100, "minutes are waited for"
    assert max(pauses) <= 15
    assert len(set(pauses)) > 10, "with jitter"


@pytest.mark.parametrize(
    ("kind", "fix"),
    [
        ("CLOCK_SKEW", "set the bench's clock"),
        ("CREDENTIALS_EXPIRED", "log in again"),
        ("DENIED", r"docs/iam-policy\.json"),
        ("THROTTLED", "after 6 attempts.*let fewer benches run"),
    ],
)
@pytest.mark.parametrize("operation", [*_MAKING, "UpdateCertificate"])
def test_lasting_fault_is_one_line_and_recovered_later(
    endpoint: Endpoint,
    ledgers: Path,
    inject: Callable[..., Any],
    fault: Any,
    operation: str,
    kind: str,
    fix: str,
    account: Callable[[], set[str]],
) -> None:
    before = account()
    injection = inject(operation, fault[kind], times=10_000)

    with (
        pytest.raises(CloudError, match=fix) as caught,
        open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
        provision(endpoint, ledger, topics=_TOPICS),
    ):
        pytest.fail("it was provisioned")
    injection.times = 0
    recover(endpoint, ledgers)

    assert "\n" not in str(caught.value)
    assert account() == before
    assert list(ledgers.iterdir()) == []


def test_network_that_is_gone_is_the_clouds_fault(
    endpoint: Endpoint, ledgers: Path, inject: Callable[..., Any], fault: Any
) -> None:
    injection = inject("*", fault.TIMED_OUT, times=10_000)

    with (
        pytest.raises(CloudError, match="Read timeout"),
        open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
        provision(endpoint, ledger, topics=_TOPICS),
    ):
        pytest.fail("it was provisioned")
    assert injection.hits
    injection.times = 0
    (trouble,) = [one.trouble for one in recover(endpoint, ledgers)]

    assert trouble == ""


def test_key_is_gone_even_when_the_cloud_is(
    endpoint: Endpoint, ledgers: Path, inject: Callable[..., Any], fault: Any
) -> None:
    files: list[Path | None] = []
    injection = inject("UpdateCertificate", fault.CREDENTIALS_EXPIRED, times=0)

    with (
        suppress(CloudError),
        open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
        provision(endpoint, ledger, topics=_TOPICS) as kit,
    ):
        files.append(kit.private_key_file)
        injection.times = 10_000

    assert injection.hits
    assert files[0] is not None
    assert not files[0].parent.exists()
    assert list(ledgers.iterdir())
    injection.times = 0
    recover(endpoint, ledgers)


@pytest.mark.parametrize("operation", ["CreateThing", "CreateKeysAndCertificate", "UpdateCertificate", "DeletePolicy"])
def test_interrupted_anywhere_nothing_is_left_after_recovery(
    endpoint: Endpoint, ledgers: Path, inject: Callable[..., Any], fault: Any, operation: str
) -> None:
    inject(operation, fault.INTERRUPTED)

    with (
        pytest.raises(KeyboardInterrupt),
        open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
        provision(endpoint, ledger, topics=_TOPICS),
    ):
        pass
    recover(endpoint, ledgers)

    assert list(ledgers.iterdir()) == []


def _own_certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "made in a factory")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    return builder.not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_devices_own_certificate_is_registered_for_the_run(
    endpoint: Endpoint, ledger: Ledger, iot: Any, account: Callable[[], set[str]]
) -> None:
    before, own = account(), _own_certificate()

    with provision(endpoint, ledger, topics=_TOPICS, certificate_pem=own, client_id="device-7") as kit:
        described = iot.describe_certificate(certificateId=kit.certificate_id)["certificateDescription"]
        assert described["status"] == "ACTIVE"
        assert described["certificatePem"].strip() == own.decode().strip()
        assert iot.list_principal_things(principal=kit.certificate_arn)["things"] == [kit.thing_name]
        assert (kit.client_id, kit.private_key_file) == ("device-7", None)

    assert account() == before
    assert not ledger.holdings()


def test_certificate_that_the_account_knows_is_refused_and_stays(
    endpoint: Endpoint, ledger: Ledger, iot: Any, account: Callable[[], set[str]]
) -> None:
    own = _own_certificate()
    known = iot.register_certificate_without_ca(certificatePem=own.decode(), status="ACTIVE")["certificateId"]
    before = account()

    with (
        pytest.raises(UsageError, match="knows the device's certificate"),
        provision(endpoint, ledger, topics=_TOPICS, certificate_pem=own),
    ):
        pass

    assert account() == before
    assert iot.describe_certificate(certificateId=known)["certificateDescription"]["status"] == "ACTIVE"
    assert not ledger.holdings()
    iot.update_certificate(certificateId=known, newStatus="INACTIVE")
    iot.delete_certificate(certificateId=known)


def test_what_is_no_certificate_is_not_registered(endpoint: Endpoint, ledger: Ledger) -> None:
    with (
        pytest.raises(UsageError, match="cannot be read as PEM"),
        provision(endpoint, ledger, topics=_TOPICS, certificate_pem=b"hello"),
    ):
        pass

    assert not ledger.holdings()
