"""The evidence of what the flash holds: a verdict and a picture for each variant, and one page for all."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kitbench.bench.builds.variant import Variant
from kitbench.bench.flash_verdict import FlashReport
from kitbench.bench.records.evidence import Evidence
from kitbench.errors import BenchError
from kitbench.forensics.audit import audit
from kitbench.forensics.canaries.disguise import pem
from kitbench.forensics.proof.verdict import CanaryRecord, Outcome, Verdict
from kitbench.forensics.reading.flash_dump import FlashDump
from kitbench.virtual_kit.toolchain.compilation import symbol_elf
from tests.kitbench.forensics.flash_sample import certificate_of, ec_key, flash, rsa_key


@dataclass
class Thing:
    """What the report asks a kit's thing."""

    variant: Variant
    certificate: x509.Certificate = field(default_factory=lambda: certificate_of(ec_key()))

    @property
    def certificates(self) -> list[x509.Certificate]:
        return [self.certificate]

    def leftover_certificate_pem(self) -> bytes:
        return certificate_of(rsa_key()).public_bytes(Encoding.PEM)


@dataclass
class Firmware:
    """What the report asks a build."""

    elf: Path


@dataclass
class Desk:
    """A report in the making."""

    report: FlashReport
    firmware: Firmware
    folder: Path

    def judge(self, variant: Variant, rodata: bytes, **efuses: int) -> Verdict:
        dump = FlashDump(flash(rodata), "esp32", "24:0a:c4:00:00:01", "full", 0, 1.0, "2026-11-22T00:00:00Z", efuses)
        return self.report.judge(dump, Thing(variant), self.firmware)  # type: ignore[arg-type] # stand-ins, see above


def in_this_process(
    dump: bytes,
    certificates: Sequence[x509.Certificate],
    others: Sequence[x509.Certificate],
    elf: bytes | None,
    efuses: Mapping[str, int] | None,
) -> Verdict:
    """Audit where a test can take the canary's place."""
    return audit(dump, certificates=certificates, other_certificates=others, elf=elf, efuses=efuses)


@pytest.fixture(name="desk")
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("kitbench.forensics.canaries.canary.check", lambda _: CanaryRecord(80, 80, ()))
    (tmp_path / "app.elf").write_bytes(symbol_elf.write([], module=b""))
    return Desk(
        FlashReport(Evidence(tmp_path / "evidence"), in_this_process),
        Firmware(tmp_path / "app.elf"),
        tmp_path / "evidence",
    )


def test_variants_stand_side_by_side_on_one_page(desk: Desk) -> None:
    found = desk.judge(Variant.EMBEDDED_KEY, pem(ec_key()))
    absent = desk.judge(Variant.ATECC608A, b"nothing")

    page = (desk.folder / "flash_report.html").read_text("utf-8")
    assert (found.outcome, absent.outcome) == (Outcome.FOUND, Outcome.ABSENT)
    assert page.index("embedded_key: whoever holds") < page.index("atecc608a: no private key was found")
    assert page.count("<svg") == 2
    for name, outcome in (("embedded_key", "found"), ("atecc608a", "absent")):
        assert json.loads((desk.folder / f"verdict-{name}.json").read_text())["outcome"] == outcome
        assert (desk.folder / f"flash_map-{name}.svg").read_text().startswith("<svg")
        assert (desk.folder / f"flash_map-{name}.png").read_bytes().startswith(b"\x89PNG")


def test_encrypted_flash_proves_nothing(desk: Desk) -> None:
    assert desk.judge(Variant.ATECC608A, b"nothing", FLASH_CRYPT_CNT=0).outcome is Outcome.ABSENT
    assert desk.judge(Variant.ATECC608A, b"nothing", FLASH_CRYPT_CNT=1).outcome is Outcome.CANNOT_JUDGE


def test_audit_that_misses_its_canary_is_the_benchs_fault(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.forensics.canaries.canary.check", lambda _: CanaryRecord(80, 79, ("pem",)))

    with pytest.raises(BenchError, match="missed its own canary"):
        desk.judge(Variant.ATECC608A, b"nothing")

    assert json.loads((desk.folder / "verdict-atecc608a.json").read_text())["outcome"] == "cannot_judge"
