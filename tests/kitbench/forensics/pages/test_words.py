"""What is said of a dump follows from its verdict, in every place and for every kind of dump: texts, sign, sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from kitbench.forensics.audit import Claim, audit
from kitbench.forensics.canaries.disguise import der, pem, xor
from kitbench.forensics.layout.other_secrets import Secret
from kitbench.forensics.pages.report import DumpedVariant, sentence, to_html
from kitbench.forensics.proof.verdict import CanaryRecord, Outcome, Verdict
from kitbench.quoting import html
from tests.kitbench.forensics.flash_sample import certificate_of, ec_key, flash, pem_of, rsa_key

ENDPOINT = "a1b2c3-ats.iot.eu-central-1.amazonaws.com"
PASSWORD = b"greenhouse-77"
OWN = pem_of(certificate_of(ec_key())) + b"\0" + ENDPOINT.encode() + b"\0"


@dataclass(frozen=True)
class Dump:
    """A kind of dump, and how it must be judged."""

    data: bytes
    outcome: Outcome
    is_certified: bool = True
    efuses: tuple[tuple[str, int], ...] = ()


def scalar() -> bytes:
    return ec_key().private_numbers().private_value.to_bytes(32)


def password_protected(style: PrivateFormat) -> bytes:
    return ec_key().private_bytes(Encoding.PEM, style, BestAvailableEncryption(b"door"))


def damaged() -> bytes:
    """Return a PEM of which a line was lost."""
    lines = pem(rsa_key()).splitlines(keepends=True)
    return b"".join(lines[:5] + lines[6:])


FOUND, ABSENT, OPEN = Outcome.FOUND, Outcome.ABSENT, Outcome.CANNOT_JUDGE
DUMPS = {
    "no key": Dump(flash(OWN), ABSENT),
    "no key, a secret text": Dump(flash(OWN + PASSWORD), ABSENT),
    "PEM": Dump(flash(OWN + pem(ec_key())), FOUND),
    "PEM in free flash": Dump(flash(OWN, extra={0xC0000: pem(ec_key())}), FOUND),
    "DER": Dump(flash(OWN + der(ec_key())), FOUND),
    "raw number": Dump(flash(OWN, extra={0x70123: scalar()[::-1]}), FOUND),
    "raw number under a mask": Dump(flash(OWN, extra={0x70123: xor(scalar(), b"\x3d")}), FOUND),
    "key of another": Dump(flash(OWN + pem(rsa_key())), FOUND),
    "key of a certificate in the dump": Dump(flash(OWN + pem(ec_key())), FOUND, is_certified=False),
    "two keys": Dump(flash(OWN + pem(ec_key()) + pem(rsa_key())), FOUND),
    "no key, no certificate": Dump(flash(ENDPOINT.encode()), OPEN, is_certified=False),
    "PEM that is damaged": Dump(flash(OWN + damaged()), OPEN),
    "PEM under a password": Dump(flash(OWN + password_protected(PrivateFormat.PKCS8)), OPEN),
    "old PEM under a password": Dump(flash(OWN + password_protected(PrivateFormat.TraditionalOpenSSL)), OPEN),
    "PKCS#12": Dump(
        flash(OWN + pkcs12.serialize_key_and_certificates(b"k", ec_key(), None, None, NoEncryption())), FOUND
    ),
    "PKCS#12 under a password": Dump(
        flash(OWN + pkcs12.serialize_key_and_certificates(b"k", ec_key(), None, None, BestAvailableEncryption(b"d"))),
        OPEN,
    ),
    "encrypted flash": Dump(flash(OWN), OPEN, efuses=(("FLASH_CRYPT_CNT", 1),)),
    "erased flash": Dump(b"\xff" * 0x100000, OPEN),
    "cut flash": Dump(flash(OWN)[:0x18000], OPEN),
}


@pytest.fixture(autouse=True)
def sound_canary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare its time: that it can be missed is tested where it is made."""
    monkeypatch.setattr("kitbench.forensics.canaries.canary.check", lambda _: CanaryRecord(80, 80, ()))


def judged(dump: Dump) -> Verdict:
    return audit(
        dump.data,
        certificates=[certificate_of(ec_key())] if dump.is_certified else [],
        efuses=dict(dump.efuses),
        secrets=[Secret("Wi-Fi password", PASSWORD)],
        claim=Claim(ENDPOINT),
    )


def alternative_text(variant: DumpedVariant) -> str:
    title = ET.fromstring(variant.svg).find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text
    return title.text


def key_places(verdict: Verdict) -> Sequence[str]:
    return [f"flash {one.place.offset:#010x}" for one in verdict.findings if one.is_leaked_key]


@pytest.mark.parametrize("name", DUMPS)
def test_words_follow_from_the_verdict(name: str) -> None:
    dump = DUMPS[name]
    verdict = judged(dump)
    variant = DumpedVariant("kit", dump.data, verdict)
    text, page = alternative_text(variant), to_html([variant])

    assert verdict.outcome is dump.outcome, verdict.reason
    told = {
        FOUND: ("PRIVATE KEY", "Key found:", sentence(verdict)),
        ABSENT: ("NO PRIVATE KEY FOUND", "None found:", "no private key was found in the forms that were searched for"),
        OPEN: ("PROVES NOTHING", "Cannot judge:", "this dump proves nothing either way"),
    }
    for outcome, (sign, words, summary) in told.items():
        is_this = outcome is verdict.outcome
        assert bool(re.search(rf"(?<!NO ){sign}", text)) is is_this or outcome is FOUND
        assert (words in page) is is_this
        assert not is_this or summary in page
    keys = key_places(verdict)
    assert bool(keys) is (verdict.outcome is FOUND)
    assert ("no key is marked" in text) is not bool(keys)
    assert re.findall(r"flash 0x[0-9a-f]{8}", text) == sorted(keys)  # every key, and nothing that is none
    assert html.line(verdict.reason) in page or verdict.outcome is FOUND


@pytest.mark.parametrize("name", [name for name, dump in DUMPS.items() if dump.outcome is not FOUND])
def test_nothing_is_called_absent_but_in_the_forms_that_are_named(name: str) -> None:
    verdict = judged(DUMPS[name])

    page = re.sub(r"\s+", " ", to_html([DumpedVariant("kit", DUMPS[name].data, verdict)]))

    assert not re.search(r"(holds|contains|has) no (private )?key|there is no (private )?key|key is absent", page)
    assert all(html.line(form) in page for form in verdict.coverage.not_covered)
    assert (verdict.proven_absent == verdict.coverage.searched) is (verdict.outcome is ABSENT)
