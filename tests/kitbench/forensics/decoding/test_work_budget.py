"""Dumps made to keep an audit busy: the work is counted, its end is told, and honest dumps never come near it."""

import random
import zlib

import pytest

from kitbench.forensics.audit import audit
from kitbench.forensics.canaries import canary
from kitbench.forensics.canaries.disguise import pem
from kitbench.forensics.decoding import work_budget
from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.work_budget import Work, WorkBudget, WorkExhaustedError
from kitbench.forensics.keys.examination import examine
from kitbench.forensics.keys.target import Target
from kitbench.forensics.proof.verdict import CanaryRecord, Outcome
from tests.kitbench.forensics.flash_sample import certificate_of, code, ec_key, flash, pem_of, rsa_key
from tests.kitbench.forensics.hostile_dump import HOSTILE, hostile_flash, noise

CERTIFICATE = certificate_of(ec_key())
#: An honest dump may do this part of the work at most.
MARGIN = 10


@pytest.fixture(name="quick_canary")
def _quick_canary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "kitbench.forensics.canaries.canary.check", lambda _: CanaryRecord(planted=1, found=1, missed=())
    )


@pytest.fixture(name="tight")
def _tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the dump were a hundred times larger than the limits are made for."""
    tight = {kind: (base // 100, share / 100) for kind, (base, share) in work_budget._ALLOWANCES.items()}
    # A stream is not made larger by a larger dump.
    tight[Work.INFLATED] = work_budget._ALLOWANCES[Work.INFLATED]
    monkeypatch.setattr(work_budget, "_ALLOWANCES", tight)


@pytest.mark.usefixtures("quick_canary", "tight")
@pytest.mark.parametrize("name", HOSTILE)
def test_dump_that_keeps_the_audit_busy_is_never_called_absent(name: str) -> None:
    make, work = HOSTILE[name]
    keys = [ec_key(), rsa_key()] if work is Work.HITS else [ec_key()]

    verdict = audit(hostile_flash(make(200_000)), certificates=[certificate_of(key) for key in keys])

    if work in {Work.KEYS, Work.HITS}:
        assert verdict.outcome is Outcome.FOUND
        assert len(verdict.findings) <= 200
    else:
        assert verdict.outcome is Outcome.CANNOT_JUDGE
        assert f" {work} in " in verdict.reason
        assert "\n" not in verdict.reason
    assert any(entry["done"] > entry["limit"] for entry in verdict.to_json()["scan"]["work"].values())


@pytest.mark.usefixtures("quick_canary", "tight")
def test_key_in_a_dump_that_exhausts_the_audit_is_found() -> None:
    verdict = audit(hostile_flash(b"A" * 200_000, pem(ec_key())), certificates=[CERTIFICATE])

    assert (verdict.outcome, verdict.findings[0].form) == (Outcome.FOUND, "pem")


@pytest.mark.usefixtures("quick_canary")
def test_small_pile_of_the_same_is_judged() -> None:
    """Control: it is the amount that exhausts, not the form."""
    verdict = audit(hostile_flash(b"A" * 2000), certificates=[CERTIFICATE])

    assert verdict.outcome is Outcome.ABSENT


def margins(work: WorkBudget) -> dict[Work, float]:
    return {kind: work.spent[kind] / limit for kind, limit in work.limits.items()}


def test_honest_dump_does_a_tenth_of_the_work_at_most() -> None:
    words = b" ".join(random.Random(1).choices([b"wifi", b"mqtt", b"connect", b"%s", b"0x%08x"], k=10_000))
    dump = flash(
        pem_of(CERTIFICATE) * 20 + words + code(0x20000), extra={0x80000: zlib.compress(words) + noise(100_000)}
    )

    work = examine(dump, [Target(ec_key().public_key(), "given")]).work

    assert max(margins(work).values()) < 1 / MARGIN


def test_canary_itself_does_a_tenth_of_the_work_at_most() -> None:
    for key in (ec_key(), rsa_key()):
        image, _ = canary.plant(flash(), [key])
        work = examine(image, [Target(key.public_key(), "canary")]).work
        assert max(margins(work).values()) < 1 / MARGIN


def test_exhausted_budget_names_layer_and_limit_of_the_first_time() -> None:
    work = WorkBudget(0)
    root = Layer(b"")

    with pytest.raises(WorkExhaustedError):
        work.spend(Work.KEYS, 5001, Layer(b"", "base64", Layer(b"", "hex", root)))
    with pytest.raises(WorkExhaustedError):
        work.spend(Work.LAYERS, 1 << 20, root)

    assert work.exhausted == "more than 5,000 sightings of keys in layer hex/base64: the rest was not tried"
