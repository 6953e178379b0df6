"""The sign says what the verdict says, and no more."""

from dataclasses import replace

import pytest

from kitbench.forensics.flash_picture.sign import MEANING, SignKind, key_sign, sign_of
from kitbench.forensics.layout.finding import Finding, FindingKind, Owner, Place
from kitbench.forensics.proof.coverage import Coverage
from kitbench.forensics.proof.verdict import CanaryRecord, Outcome, ScanRecord, Verdict

KEY = Finding(FindingKind.PRIVATE_KEY, "pem", Place(0x10300), 600, owner=Owner.DEVICE)
SCAN = ScanRecord("00" * 32, 4096, {}, (), {}, {})
SOUND = CanaryRecord(80, 80, ())


def verdict(outcome: Outcome, *findings: Finding, canary: CanaryRecord = SOUND) -> Verdict:
    return Verdict(outcome, "it is cut", findings, SCAN, canary, "2026-11-30T00:00:00Z", coverage=Coverage())


def test_key_says_what_it_means() -> None:
    assert (sign_of(verdict(Outcome.FOUND, KEY)).headline, MEANING) == ("PRIVATE KEY", key_sign(1).sentence)
    assert "whoever holds the kit for a minute can copy it" in MEANING
    assert sign_of(verdict(Outcome.FOUND, KEY, KEY)).headline == "2 PRIVATE KEYS"


def test_absence_is_shown_with_what_it_was_proven_for() -> None:
    sign = sign_of(verdict(Outcome.ABSENT))

    assert sign.kind is SignKind.CLEAN
    assert f"{len(Coverage().searched)} forms" in sign.sentence
    assert "all 80 keys that were planted" in sign.sentence


@pytest.mark.parametrize(
    "open_one",
    [
        verdict(Outcome.CANNOT_JUDGE),
        verdict(Outcome.ABSENT, canary=CanaryRecord(80, 79, ("pem",))),
        verdict(Outcome.ABSENT, canary=CanaryRecord(0, 0, ())),
        verdict(Outcome.FOUND, replace(KEY, owner=Owner.TEST_KEY)),
    ],
)
def test_nothing_else_is_called_clean(open_one: Verdict) -> None:
    sign = sign_of(open_one)

    assert (sign.kind, sign.headline) == (SignKind.OPEN, "PROVES NOTHING")
    assert "it is cut" in sign.sentence
