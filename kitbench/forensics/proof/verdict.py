"""The verdict of an audit, and the certificate of absence: what was scanned for, how, and what no scan can show."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from kitbench.forensics.layout.finding import Finding, Owner
from kitbench.forensics.proof.coverage import Coverage
from kitbench.forensics.proof.dump_structure import DumpStructure
from kitbench.forensics.proof.project_match import ProjectMatch

SCHEMA: Final = "kitbench-verdict/1"


class Outcome(StrEnum):
    """What the dump shows about private keys."""

    FOUND = "found"
    ABSENT = "absent"
    CANNOT_JUDGE = "cannot_judge"


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """What was scanned.

    Attributes:
        windows: per target kind, byte-aligned windows tested, both byte orders.
        targets: fingerprints of the public keys, with type and whence they came.
        layers: decoded layers per form.
        seconds: per stage.
        work: done and limit, by kind.
        stored: NVS values and files by name, with offset and size; never their content.
    """

    dump_sha256: str
    dump_size: int
    windows: dict[str, int]
    targets: tuple[dict[str, str], ...]
    layers: dict[str, int]
    seconds: dict[str, float]
    notes: tuple[str, ...] = ()
    work: dict[str, Any] = field(default_factory=dict)
    stored: tuple[dict[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {
            "dump_sha256": self.dump_sha256,
            "dump_size": self.dump_size,
            "windows": self.windows,
            "targets": list(self.targets),
            "layers": self.layers,
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
            "work": self.work,
            "notes": list(self.notes),
            "stored": list(self.stored),
        }


@dataclass(frozen=True, slots=True)
class CanaryRecord:
    """Whether throw-away keys planted in a copy were found; `missed` names the forms that were not."""

    planted: int
    found: int
    missed: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every plant was found, and there was one."""
        return self.planted > 0 and not self.missed

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {"planted": self.planted, "found": self.found, "missed": list(self.missed)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, why, and all that was found.

    Attributes:
        structure: what makes the dump one of a kit; None when that was not looked at.
        project: how the app compares with a project that was named.
        hardening: state of flash encryption, secure boot, JTAG and download mode; empty without eFuses.
    """

    outcome: Outcome
    reason: str
    findings: tuple[Finding, ...]
    scan: ScanRecord
    canary: CanaryRecord
    time: str
    hardening: tuple[dict[str, str], ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    structure: DumpStructure | None = None
    project: ProjectMatch | None = None

    @property
    def proven_absent(self) -> tuple[str, ...]:
        """The forms in which there is no private key; none unless the outcome is absence."""
        return self.coverage.searched if self.outcome is Outcome.ABSENT else ()

    @property
    def device_keys(self) -> tuple[Finding, ...]:
        """The private keys that belong to a given certificate."""
        return tuple(finding for finding in self.findings if finding.owner is Owner.DEVICE)

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON values; an absence carries what it was proven for, and its limits."""
        return {
            "schema": SCHEMA,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "time": self.time,
            "findings": [finding.to_json() for finding in self.findings],
            "scan": self.scan.to_json(),
            "canary": self.canary.to_json(),
            "hardening": list(self.hardening),
            "structure": self.structure.to_json() if self.structure else None,
            "project": self.project.to_json() if self.project else None,
            "proven_absent": list(self.proven_absent),
            "not_covered": list(self.coverage.not_covered),
        }
