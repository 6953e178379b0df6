"""What a verdict's summary is made of."""

from dataclasses import replace

import pytest

from kitbench.forensics.layout.finding import Finding, FindingKind, Owner, Place
from kitbench.forensics.proof.coverage import Coverage
from kitbench.forensics.proof.verdict import CanaryRecord, Outcome, ScanRecord, Verdict

KEY = Finding(FindingKind.PRIVATE_KEY, "pem", Place(0x12000), 1700, owner=Owner.DEVICE)
SCAN = ScanRecord("00" * 32, 4, {"EC secp256r1": 8}, (), {"raw": 1}, {"layers": 0.12345})


@pytest.mark.parametrize(
    ("record", "is_sound"),
    [
        (CanaryRecord(80, 80, ()), True),
        (CanaryRecord(80, 79, ("pem",)), False),
        (CanaryRecord(0, 0, ()), False),  # nothing missed, as nothing was looked for
    ],
)
def test_canary_is_sound_when_every_plant_was_found_and_there_was_one(record: CanaryRecord, *, is_sound: bool) -> None:
    assert record.is_sound is is_sound


@pytest.mark.parametrize("owner", [*Owner, None])
def test_device_keys_are_those_of_the_given_certificates(owner: Owner | None) -> None:
    finding = replace(KEY, owner=owner)

    verdict = Verdict(Outcome.FOUND, "a key", (finding,), SCAN, CanaryRecord(1, 1, ()), "2026-01-01")

    assert verdict.device_keys == ((finding,) if owner is Owner.DEVICE else ())


def test_certificate_of_absence_states_its_scan_and_its_limits() -> None:
    document = Verdict(Outcome.ABSENT, "none", (), SCAN, CanaryRecord(1, 1, ()), "2026-01-01").to_json()

    assert document["scan"]["windows"] == {"EC secp256r1": 8}
    assert document["scan"]["dump_sha256"] == "00" * 32
    assert document["canary"] == {"planted": 1, "found": 1, "missed": []}
    assert document["not_covered"] == list(Coverage().not_covered)
    assert document["proven_absent"] == list(Coverage().searched)


@pytest.mark.parametrize("outcome", [Outcome.FOUND, Outcome.CANNOT_JUDGE])
def test_nothing_is_proven_absent_but_by_an_absence(outcome: Outcome) -> None:
    verdict = Verdict(outcome, "why", (), SCAN, CanaryRecord(1, 1, ()), "2026-01-01")

    assert verdict.to_json()["proven_absent"] == []
