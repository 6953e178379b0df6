"""A class folder with real hand-ins, and a bench without kits behind the command line."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from grading.command_line import command
from grading.desk import class_desk
from grading.marking.audit_verdict import AuditVerdict
from grading.running.bench import Claim
from kitbench.command_line import run
from tests.grading.fake_bench import FakeBench
from tests.grading.handed_in import certificate_sha256, hand_in
from tests.grading.synthetic import ENDPOINT, finding, found


@dataclass
class RightBench(FakeBench):
    """Finds in each dump the key of the certificate that was handed in with it; `audits` counts the audits."""

    audits: int = 0

    def audit(self, dump: Path, claim: Claim, evidence: Path) -> AuditVerdict:
        verdict = super().audit(dump, claim, evidence)
        self.audits += 1
        if claim.certificate is None or "atecc608a" in dump.name:
            return verdict
        certificate = x509.load_pem_x509_certificate(claim.certificate.read_bytes())
        return found(finding(certificate_sha256=certificate.fingerprint(hashes.SHA256()).hex()))


def class_of(folder: Path, *names: str, columns: str = "", cells: str = "") -> Path:
    """Write a class whose students hand in all there is; `cells` may hold {name}."""
    folder.mkdir()
    rows = [f"id,endpoint,certificate_sha256{columns}"]
    for name in names:
        hand_in(folder / "submissions" / name, name)
        rows.append(f"{name},{ENDPOINT},{certificate_sha256(name)}{cells.format(name=name)}")
    (folder / "roster.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def behind(monkeypatch: pytest.MonkeyPatch, bench: FakeBench) -> FakeBench:
    """Put a bench behind the command line, whatever is asked of it, and no toolchain to be warmed."""
    monkeypatch.setattr(class_desk, "CommandLineBench", lambda *_arguments, **_options: bench)
    monkeypatch.setattr(class_desk, "warm_up", lambda *_arguments: None)
    monkeypatch.setattr(class_desk, "attached_kits", lambda *_arguments: None)
    return bench


def grade(*arguments: str | Path) -> int:
    """Run `kitbench grade`; return its exit status."""
    return run(command, list(map(str, arguments)))
