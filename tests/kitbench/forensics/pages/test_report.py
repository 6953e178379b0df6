"""The HTML report stands by itself, shows both variants and no key."""

import re
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from kitbench.forensics.audit import Claim, audit
from kitbench.forensics.canaries.disguise import pem
from kitbench.forensics.pages.report import DumpedVariant, to_html
from kitbench.forensics.proof.project_match import ProjectMatch
from kitbench.forensics.proof.verdict import CanaryRecord
from tests.kitbench.forensics.flash_sample import certificate_of, ec_key, flash


def test_report_shows_variants_side_by_side_and_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.forensics.canaries.canary.check", lambda _: CanaryRecord(80, 80, ()))
    certificate = certificate_of(ec_key())
    variants = []
    for name, rodata in (("embedded_key", pem(ec_key())), ("atecc608a", b"<script>alert(1)</script>")):
        dump = flash(rodata)
        variants.append(
            DumpedVariant(name, dump, audit(dump, certificates=[certificate], efuses={"FLASH_CRYPT_CNT": 0}))
        )

    page = to_html(variants)

    assert page.count("<svg") == 2
    assert "Key found:" in page
    assert "Certificate of absence" in page
    assert "Not covered: what no static scan can show" in page
    assert "atecc608a: no private key was found in the forms that were searched for" in page
    assert "embedded_key: whoever holds the kit for a minute has its private key" in page
    assert "proven absent" in page
    assert not re.search(r'(src|href)="?http', page)
    assert "<script" not in page
    assert pem(ec_key()).splitlines()[1].decode()[:10] not in page


def test_report_shows_what_the_dump_is_of_and_that_no_file_shows_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.forensics.canaries.canary.check", lambda _: CanaryRecord(80, 80, ()))
    certificate = certificate_of(ec_key())
    dump = flash(b"x.iot.example.org\0" + certificate.public_bytes(Encoding.PEM) + b"\0")
    verdict = audit(dump, certificates=[certificate], claim=Claim("x.iot.example.org"))
    of_another = replace(verdict, project=ProjectMatch(12, 2, ("<b>greenhouse</b>",)))
    undecided = replace(verdict, project=ProjectMatch(3, 3))

    pages = [to_html([DumpedVariant("kit", dump, one)]) for one in (verdict, of_another, undecided)]

    assert "app in factory" in pages[0]
    assert certificate.fingerprint(SHA256()).hex() in pages[0]
    assert "<tr><th>endpoint<td>0x000" in pages[0]
    assert "only a bench witnesses that" in pages[0]
    assert "<th>project" not in pages[0]
    assert "it was built from something else" in pages[1]
    assert "&lt;b&gt;greenhouse" in pages[1]
    assert "not decided from the file" in pages[2]


def test_report_of_a_file_that_is_no_flash_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.forensics.canaries.canary.check", lambda _: CanaryRecord(80, 80, ()))
    verdict = audit(b"\xff" * 0x10000, certificates=[certificate_of(ec_key())], claim=Claim("x.iot.example.org"))

    page = to_html([DumpedVariant("blank", b"\xff" * 0x10000, verdict)])

    assert "not the flash of a kit with a built firmware" in page
    assert "<th>endpoint<td>nowhere" in page
    assert "<th>problem" in page
