"""The HTML report stands by itself, shows both variants and no key."""

import re

import pytest

from kitbench.forensics.audit import audit
from kitbench.forensics.disguise import pem
from kitbench.forensics.report import Variant, to_html
from kitbench.forensics.verdict import CanaryRecord
from tests.kitbench.forensics.flash_sample import certificate_of, ec_key, flash


def test_report_shows_variants_side_by_side_and_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.forensics.canary.check", lambda _: CanaryRecord(80, 80, ()))
    certificate = certificate_of(ec_key())
    variants = []
    for name, rodata in (("embedded_key", pem(ec_key())), ("atecc608a", b"<script>alert(1)</script>")):
        dump = flash(rodata)
        variants.append(Variant(name, dump, audit(dump, certificates=[certificate], efuses={"FLASH_CRYPT_CNT": 0})))

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
