"""A bench without kits: answers each run and audit with what a test lays down for it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from grading.marking.audit_verdict import AuditVerdict
from grading.marking.run_report import RunReport
from grading.running.bench import Claim, CloudFiles, Progress
from grading.variant import Variant
from tests.grading.synthetic import absent, found, report

FLASH_MAP = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="80"><rect width="640" height="80" fill="#cfd8dc"/>'
    '<rect x="120" y="30" width="14" height="20" fill="#b71c1c"/></svg>'
)


@dataclass
class FakeBench:
    """Counts its calls; `suite` and `verdict` may raise the errors of a real bench."""

    suite: Callable[[Path, Variant], RunReport] = lambda _project, variant: report(variant)
    verdict: Callable[[Path], AuditVerdict] = lambda dump: absent() if "atecc608a" in dump.name else found()
    runs: list[tuple[str, Variant]] = field(default_factory=list)
    cloud_files: list[CloudFiles] = field(default_factory=list)
    students: list[str] = field(default_factory=list)

    def run_suite(self, project: Path, variant: Variant, evidence: Path, progress: Progress) -> RunReport:
        self.runs.append((project.parent.name, variant))
        progress("connects")
        (evidence / "serial.log").write_text("Connecting to AWS...\n", encoding="utf-8")
        (evidence / "bench_dump.bin").write_bytes(b"\xe9")
        return self.suite(project, variant)

    def for_student(self, student: str) -> "FakeBench":
        self.students.append(student)
        return self

    def with_cloud_files(self, files: CloudFiles) -> "FakeBench":
        self.cloud_files.append(files)
        return self

    def audit(self, dump: Path, claim: Claim, evidence: Path) -> AuditVerdict:
        assert claim.certificate is None or claim.certificate.name == "certificate.pem.crt"
        (evidence / "verdict.json").write_text("{}", encoding="utf-8")
        (evidence / "flash_map.svg").write_text(FLASH_MAP, encoding="utf-8")
        return self.verdict(dump)
