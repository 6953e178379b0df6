"""The audit's verdicts: found, absent, cannot judge; and the places it names."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from kitbench.errors import UsageError
from kitbench.forensics.audit import audit
from kitbench.forensics.canaries.disguise import disguises, pem
from kitbench.forensics.canaries.file_disguise import spiffs_file
from kitbench.forensics.canaries.storage_disguise import nvs_split_blob
from kitbench.forensics.keys.target import MAX_TARGETS, fingerprint
from kitbench.forensics.layout.finding import FindingKind, Owner
from kitbench.forensics.layout.other_secrets import Secret
from kitbench.forensics.proof.verdict import CanaryRecord, Outcome
from tests.kitbench.forensics.flash_sample import APP_OFFSET, certificate_of, ec_key, flash, pem_of, rsa_key

CERTIFICATE = certificate_of(ec_key())
#: Tests of judgement need no canary of 80 forms each time.
SOUND = CanaryRecord(planted=1, found=1, missed=())


@pytest.fixture(name="quick_canary")
def _quick_canary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.forensics.canaries.canary.check", lambda _: SOUND)


def test_embedded_key_is_found_with_its_place() -> None:
    rodata = pem_of(CERTIFICATE) + b"\0"
    dump = flash(rodata + pem(ec_key()) + b"\0")

    verdict = audit(dump, certificates=[CERTIFICATE])

    assert verdict.outcome is Outcome.FOUND
    (finding,) = verdict.findings
    offset = dump.index(pem(ec_key()))
    assert (finding.form, finding.place.offset, finding.place.partition) == ("pem", offset, "factory")
    assert finding.place.partition_offset == offset - APP_OFFSET
    assert finding.place.address == 0x3F400020 + offset - APP_OFFSET - 32
    assert (finding.owner, finding.is_verified, finding.place.line) == (Owner.DEVICE, True, 1)
    assert "base64/raw_big_endian" in finding.confirmed_by
    assert verdict.canary.is_sound


def test_clean_flash_is_absent_with_a_certificate_of_absence() -> None:
    verdict = audit(flash(pem_of(CERTIFICATE)), certificates=[CERTIFICATE])

    document = json.loads(json.dumps(verdict.to_json()))
    assert (document["outcome"], document["findings"]) == ("absent", [])
    assert document["scan"]["windows"]["EC secp256r1"] > 2 * (0x100000 - 31) - 1
    assert document["canary"]["planted"] == document["canary"]["found"] > 70
    assert document["not_covered"]


def test_report_holds_no_byte_of_the_key() -> None:
    verdict = audit(flash(pem(ec_key())), certificates=[CERTIFICATE])

    text = json.dumps(verdict.to_json(), ensure_ascii=False)
    body = pem(ec_key()).splitlines()[1].decode()
    assert body[:8] not in text
    assert ec_key().private_numbers().private_value.to_bytes(32).hex()[:8] not in text.replace(" ", "")


@pytest.mark.usefixtures("quick_canary")
def test_key_of_a_certificate_in_the_dump_is_that_certificates_where_none_is_given() -> None:
    dump = flash(pem_of(CERTIFICATE) + pem(ec_key()))

    alone = audit(dump, certificates=[])
    beside_another = audit(dump, certificates=[certificate_of(rsa_key())])

    assert [finding.owner for finding in alone.findings] == [Owner.IN_DUMP]
    assert "private key of a certificate in the dump found" in alone.reason
    assert [finding.owner for finding in beside_another.findings] == [Owner.OTHER]


@pytest.mark.usefixtures("quick_canary")
@pytest.mark.parametrize("kind", [FindingKind.ENCRYPTED_PRIVATE_KEY, FindingKind.UNREADABLE_PRIVATE_KEY])
def test_key_that_cannot_be_read_is_never_called_absent(kind: FindingKind) -> None:
    locked = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    damaged = pem(rsa_key(3072)).replace(b"\nMII", b"\n!II")
    rodata = locked if kind is FindingKind.ENCRYPTED_PRIVATE_KEY else damaged

    verdict = audit(flash(rodata), certificates=[CERTIFICATE])

    assert (verdict.outcome, verdict.proven_absent) == (Outcome.CANNOT_JUDGE, ())
    (finding,) = verdict.findings
    assert (finding.kind, finding.is_closed_key) == (kind, True)
    assert f"{finding.place.offset:#x}" in verdict.reason


@pytest.mark.usefixtures("quick_canary")
@pytest.mark.parametrize(
    ("key", "others", "owner"),
    [
        (ec_key(), [], Owner.DEVICE),
        (rsa_key(), [certificate_of(rsa_key())], Owner.OTHER),
        (rsa_key(), [], Owner.UNKNOWN),
    ],
    ids=["device", "other", "unknown"],
)
def test_key_is_matched_to_its_owner(key: object, others: list[object], owner: Owner) -> None:
    verdict = audit(flash(pem(key)), certificates=[CERTIFICATE], other_certificates=others)  # type: ignore[arg-type]  # parametrised

    assert [finding.owner for finding in verdict.findings] == [owner]
    assert verdict.outcome is Outcome.FOUND
    whose = {Owner.DEVICE: "the given certificate", Owner.OTHER: "another certificate"}.get(
        owner, "no known certificate"
    )
    (finding,) = verdict.findings
    where = f"at {finding.place.offset:#x}, partition 'factory'"
    assert verdict.reason == f"private key of {whose} found {where} as pem"


@pytest.mark.usefixtures("quick_canary")
def test_reason_names_the_devices_key_first_and_counts_the_others() -> None:
    dump = flash(pem(rsa_key()) + b"\0" * 100 + pem(ec_key()))

    verdict = audit(dump, certificates=[CERTIFICATE])

    offset = dump.index(pem(ec_key()))
    assert verdict.reason.startswith(f"private key of the given certificate found at {offset:#x}, ")
    assert verdict.reason.endswith(", and 1 more")


@pytest.mark.usefixtures("quick_canary")
def test_published_test_key_is_told_and_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "kitbench.forensics.layout.attribution.published_keys",
        lambda: {fingerprint(rsa_key().public_key()): "somewhere"},
    )

    verdict = audit(flash(pem(rsa_key())), certificates=[CERTIFICATE])

    assert [finding.owner for finding in verdict.findings] == [Owner.TEST_KEY]
    assert verdict.outcome is Outcome.ABSENT


@pytest.mark.usefixtures("quick_canary")
@pytest.mark.parametrize(
    ("dump", "reason"),
    [
        (b"\x00", "zero"),
        (b"\xff" * 0x10000, "erased"),
        (bytes(0x10000), "zero"),
        (bytes(range(256)) * 256, "no partition table"),
        (flash()[:0x50000], "truncated"),
        (flash()[:-1], "truncated"),
        (flash(extra={0x10300: b"\x5a\xa5"}), "SHA-256"),
        (flash(extra={APP_OFFSET + 1: b"\xff" * 0x1000}), "segments"),
        (flash(extra={0x8004: b"\0\0\x01\0"}), "MD5"),
    ],
    ids=["one byte", "erased", "zeros", "no table", "cut", "odd", "altered app", "blanked app", "altered table"],
)
def test_unreadable_dump_cannot_be_judged(dump: bytes, reason: str) -> None:
    verdict = audit(dump, certificates=[CERTIFICATE])

    assert verdict.outcome is Outcome.CANNOT_JUDGE
    assert reason in verdict.reason


@pytest.mark.usefixtures("quick_canary")
def test_key_in_unreadable_dump_is_found_all_the_same() -> None:
    verdict = audit(b"\x01\x02" + pem(ec_key()), certificates=[CERTIFICATE])

    assert verdict.outcome is Outcome.FOUND


@pytest.mark.parametrize("record", [CanaryRecord(80, 79, ("pem",)), CanaryRecord(0, 0, ())])
def test_missed_canary_proves_nothing(monkeypatch: pytest.MonkeyPatch, record: CanaryRecord) -> None:
    monkeypatch.setattr("kitbench.forensics.canaries.canary.check", lambda _: record)

    verdict = audit(flash(), certificates=[CERTIFICATE])

    assert (verdict.outcome, "canary" in verdict.reason) == (Outcome.CANNOT_JUDGE, True)


@pytest.mark.usefixtures("quick_canary")
def test_absence_needs_a_public_key() -> None:
    assert audit(flash(), certificates=[]).outcome is Outcome.CANNOT_JUDGE


@pytest.mark.usefixtures("quick_canary")
def test_flash_encryption_fuse_rules_out_a_proof() -> None:
    verdict = audit(flash(), certificates=[CERTIFICATE], efuses={"FLASH_CRYPT_CNT": 1})

    assert verdict.outcome is Outcome.CANNOT_JUDGE
    assert [row["state"] for row in verdict.hardening] == ["on", "off", "open", "open"]


@pytest.mark.usefixtures("quick_canary")
def test_blob_split_over_nvs_pages_is_found_by_name() -> None:
    dump = flash(extra={0x9000: nvs_split_blob(pem(rsa_key()), is_erased=True)})

    verdict = audit(dump, certificates=[certificate_of(rsa_key())])

    (finding,) = verdict.findings
    assert (finding.form, finding.place.storage) == ("nvs/pem", "nvs:aws/key (erased)")
    assert finding.istg == ("ISTG-MEM-SCRT-001",)


@pytest.mark.usefixtures("quick_canary")
def test_file_in_scattered_pages_is_found_by_name() -> None:
    dump = flash(extra={0x70000: spiffs_file(pem(rsa_key()))})

    verdict = audit(dump, certificates=[certificate_of(rsa_key())])

    assert [(one.form, one.place.storage) for one in verdict.findings] == [("spiffs/pem", "spiffs:/key.pem")]


@pytest.mark.usefixtures("quick_canary")
def test_other_secrets_are_found_and_not_shown() -> None:
    endpoint = b"a1b2c3d4e5f6g7-ats.iot.eu-central-1.amazonaws.com"
    dump = flash(endpoint + b"\0AKIAABCDEFGHIJKLMNOP\0" + b"correct horse battery")

    verdict = audit(dump, certificates=[CERTIFICATE], secrets=[Secret("wifi", b"correct horse battery")])

    assert [finding.form for finding in verdict.findings] == ["aws_iot_endpoint", "aws_access_key", "known_secret"]
    assert "horse" not in json.dumps(verdict.to_json())
    assert verdict.outcome is Outcome.ABSENT


@pytest.mark.usefixtures("quick_canary")
def test_stored_values_are_listed_by_name_without_their_content() -> None:
    verdict = audit(flash(extra={0x9000: nvs_split_blob(b"content" * 600)}), certificates=[CERTIFICATE])

    (blob,) = [value for value in verdict.scan.stored if value["name"] == "nvs:aws/key"]
    assert (blob["size"], blob["offset"] // 0x1000) == (4200, 9)
    assert "content" not in json.dumps(verdict.to_json()["scan"])


@pytest.mark.usefixtures("quick_canary")
@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_other_kind_of_private_key_is_found_by_its_structure(encoding: Encoding) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    dump = flash(key.private_bytes(encoding, PrivateFormat.PKCS8, NoEncryption()))

    verdict = audit(dump, certificates=[CERTIFICATE])

    (finding,) = verdict.findings
    assert (finding.key_type, finding.owner, finding.is_verified) == ("Ed25519", Owner.UNKNOWN, True)
    assert verdict.outcome is Outcome.FOUND


@pytest.mark.usefixtures("quick_canary")
def test_elf_that_is_none_is_the_callers_fault() -> None:
    with pytest.raises(UsageError, match="not an ELF"):
        audit(flash(), certificates=[], elf=b"MZ")


@pytest.mark.usefixtures("quick_canary")
def test_key_planted_twice_gives_two_findings() -> None:
    dump = flash(pem(ec_key()) + b"\0" * 100 + disguises(ec_key())["scalar_little_endian"])

    verdict = audit(dump, certificates=[CERTIFICATE])

    assert [finding.form for finding in verdict.findings] == ["pem", "raw_little_endian"]


@pytest.mark.usefixtures("quick_canary")
@pytest.mark.parametrize(("count", "outcome"), [(MAX_TARGETS, Outcome.ABSENT), (MAX_TARGETS + 1, Outcome.CANNOT_JUDGE)])
def test_more_certificates_than_are_scanned_for_prove_nothing(count: int, outcome: Outcome) -> None:
    certificates = [certificate_of(ec.generate_private_key(ec.SECP256R1())) for _ in range(count)]

    verdict = audit(flash(), certificates=[*certificates, certificates[0]])

    assert verdict.outcome is outcome
    assert ("at most 32 are scanned for at once" in verdict.reason) is (outcome is Outcome.CANNOT_JUDGE)
