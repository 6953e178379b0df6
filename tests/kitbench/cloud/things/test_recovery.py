"""Ledgers of dead runs are settled, each on its own account, and living runs are left alone."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.things.client_identity import Topics
from kitbench.cloud.things.ledger import Kind, open_ledger
from kitbench.cloud.things.ledger import open_ledger as open_any
from kitbench.cloud.things.names import Run
from kitbench.cloud.things.provisioning import provision
from kitbench.cloud.things.recovery import recover, remove_key_folder

_TOPICS = Topics.both("kitbench/test")


class DiedError(BaseException):
    """Stands for kill -9: nothing is cleaned up."""


@pytest.fixture(name="die")
def _die(endpoint: Endpoint, ledgers: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Let a run die while its kit is provisioned; returns the thing's name."""

    def die() -> str:
        with monkeypatch.context() as patch:
            patch.setattr("kitbench.cloud.things.provisioning.settle", lambda *_, **__: None)
            with (
                open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
                provision(endpoint, ledger, topics=_TOPICS) as kit,
            ):
                return kit.thing_name

    return die


def test_dead_runs_are_settled(endpoint: Endpoint, ledgers: Path, die: Callable[[], str]) -> None:
    names = {die(), die()}

    recovered = recover(endpoint, ledgers)

    assert {f"thing {name}" for name in names} <= {what for one in recovered for what in one.removed}
    assert [one.trouble for one in recovered] == ["", ""]
    assert list(ledgers.iterdir()) == []
    assert recover(endpoint, ledgers) == []


def test_dry_run_tells_and_leaves(
    endpoint: Endpoint, ledgers: Path, die: Callable[[], str], account: Callable[[], set[str]]
) -> None:
    name = die()
    during = account()

    (told,) = recover(endpoint, ledgers, dry_run=True)

    assert f"thing {name}" in told.removed
    assert account() == during
    recover(endpoint, ledgers)


def test_living_run_is_left_alone(endpoint: Endpoint, ledgers: Path, iot: Any) -> None:
    with (
        open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
        provision(endpoint, ledger, topics=_TOPICS) as kit,
    ):
        assert recover(endpoint, ledgers) == []
        assert iot.describe_thing(thingName=kit.thing_name)


def test_ledger_of_another_account_is_left_alone(endpoint: Endpoint, ledgers: Path) -> None:
    with open_any("aws:111122223333:eu-west-1", folder=ledgers) as ledger:
        ledger.create(Kind.THING, ledger.run.name("kit"))

    assert recover(endpoint, ledgers) == []
    assert ledger.path.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize(("expires", "is_kept"), [(1, False), (4_000_000_000, True)])
def test_ledger_of_a_local_core_that_is_gone_is_dropped_when_its_time_is_over(
    endpoint: Endpoint, ledgers: Path, tmp_path: Path, host: str, expires: int, *, is_kept: bool
) -> None:
    run = Run("0123456789", expires)
    folder = tmp_path / f"kitbench-key-{run.name('kit')}"
    folder.mkdir()
    with open_any(f"aws:000000000000:us-east-1@http://{host}:9", folder=ledgers, run=run) as ledger:
        ledger.create(Kind.THING, run.name("kit"))
        ledger.create(Kind.KEY_FOLDER, str(folder))

    recover(endpoint, ledgers)

    assert (ledger.path.exists(), folder.exists()) == (is_kept, is_kept)


def test_one_ledger_in_trouble_does_not_stop_the_others(
    endpoint: Endpoint, ledgers: Path, die: Callable[[], str], inject: Callable[..., Any], fault: Any
) -> None:
    die(), die()
    injection = inject("DeletePolicy", fault.DENIED, times=1)

    recovered = recover(endpoint, ledgers)

    assert sorted(bool(one.trouble) for one in recovered) == [False, True]
    assert injection.hits == 1
    recover(endpoint, ledgers)


def test_certificate_that_may_still_come_to_light_stays_in_the_ledger(endpoint: Endpoint, ledgers: Path) -> None:
    """On AWS the trail lags: the intent is kept until it has caught up, and the certificate is INACTIVE and keyless."""
    lagging = replace(endpoint, audit_delay_s=600.0)
    with open_ledger(endpoint.cloud_id, folder=ledgers) as ledger:
        ledger.create(Kind.ISSUANCE, ledger.run.name("kit"))

    (early,) = recover(lagging, ledgers)
    (late,) = recover(endpoint, ledgers)

    assert "cannot tell yet" in early.trouble
    assert late.trouble == ""
    assert not ledger.path.exists()


def test_folder_that_is_not_a_key_folder_is_never_deleted(endpoint: Endpoint, ledgers: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    link = tmp_path / "kitbench-key-link"
    link.symlink_to(precious)
    with open_ledger(endpoint.cloud_id, folder=ledgers) as ledger:
        ledger.create(Kind.KEY_FOLDER, str(precious))
        ledger.create(Kind.KEY_FOLDER, str(link))

    recover(endpoint, ledgers)

    assert precious.exists()


def test_key_folder_alone_is_removed(tmp_path: Path) -> None:
    """A second guard behind the ledger's own: whoever calls it, nothing else is deleted."""
    precious, link, keys = tmp_path / "precious", tmp_path / "kitbench-key-link", tmp_path / "kitbench-key-1"
    for folder in (precious, keys):
        folder.mkdir()
        (folder / "file").touch()
    link.symlink_to(precious)

    for folder in (precious, link, keys):
        remove_key_folder(str(folder))

    assert (precious / "file").exists()
    assert not keys.exists()


def test_certificate_of_another_run_is_left_alone(endpoint: Endpoint, ledgers: Path, iot: Any) -> None:
    with open_ledger(endpoint.cloud_id, folder=ledgers) as dead:
        dead.create(Kind.ISSUANCE, dead.run.name("kit"))
    with (
        open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
        provision(endpoint, ledger, topics=_TOPICS) as kit,
    ):
        (recovered,) = recover(endpoint, ledgers)

        certificate = iot.describe_certificate(certificateId=kit.certificate_id)["certificateDescription"]
        assert certificate["status"] == "ACTIVE"
        assert recovered.removed == (f"issuance {dead.run.name('kit')}",)


def test_certificate_for_the_announced_key_is_found_unless_somebody_uses_it(
    endpoint: Endpoint, ledgers: Path, iot: Any, account: Callable[[], set[str]]
) -> None:
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    loose, used, active = (iot.create_certificate_from_csr(certificateSigningRequest=csr(key)) for _ in range(3))
    foreign = iot.create_certificate_from_csr(certificateSigningRequest=csr(other))
    iot.create_thing(thingName="somebodys")
    iot.attach_thing_principal(thingName="somebodys", principal=used["certificateArn"])
    iot.update_certificate(certificateId=active["certificateId"], newStatus="ACTIVE")
    with open_ledger(endpoint.cloud_id, folder=ledgers) as ledger:
        ledger.create(Kind.ISSUANCE, ledger.run.name("kit"), public_key_sha256=public_key_sha256(key))

    recover(endpoint, ledgers)

    left = {line.split()[1] for line in account() if line.startswith("certificateId")}
    assert loose["certificateId"] not in left
    assert {one["certificateId"] for one in (used, active, foreign)} <= left
    iot.detach_thing_principal(thingName="somebodys", principal=used["certificateArn"])
    iot.delete_thing(thingName="somebodys")
    iot.update_certificate(certificateId=active["certificateId"], newStatus="INACTIVE")
    for one in (used, active, foreign):
        iot.delete_certificate(certificateId=one["certificateId"])


def csr(key: ec.EllipticCurvePrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebodys")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode()


def public_key_sha256(key: ec.EllipticCurvePrivateKey) -> str:
    return sha256(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def test_garbage_in_a_ledger_is_survived(endpoint: Endpoint, ledgers: Path) -> None:
    ledgers.mkdir()
    lines = [
        json.dumps({"do": "run", "cloud": endpoint.cloud_id, "run": "0123456789", "expires": 9}),
        "\x00\xff",
        json.dumps({"do": "create", "kind": "moon", "name": "x"}),
        json.dumps({"do": "create", "kind": "thing", "name": "kitbench-00000009-0123456789-kit", "at": 1}),
        json.dumps({"do": "create", "kind": "issuance"}),
        json.dumps({"kind": "thing", "name": "kitbench-00000009-0123456789-kit", "at": 1}),
        json.dumps({"do": 5, "kind": "thing", "name": "kitbench-00000009-0123456789-kit", "at": 1}),
    ]
    (ledgers / "0123456789.ledger").write_text("\n".join(lines))

    (recovered,) = recover(endpoint, ledgers)

    assert recovered.trouble == ""
    assert list(ledgers.iterdir()) == []
