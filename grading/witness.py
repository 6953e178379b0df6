"""Witnesses of the class: bundles that a bench collected, checked with the keys that the class trusts.

CLASS_FOLDER/bench-keys/*.pub                  the keys that are trusted
CLASS_FOLDER/witnessed/<id>.kitbench           what a bench saw of a student's kit
CLASS_FOLDER/witnessed/<id>.atecc608a.kitbench the same with the secure element
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from kitbench.errors import Fault, KitbenchError
from kitbench.witness.bench_key import BenchPublicKey, trusted_keys
from kitbench.witness.bundle import SUFFIX, Verified, verify_bundle
from kitbench.witness.error import WitnessError

from .judgement import Problem
from .roster import RosterEntry
from .variant import Variant

FOLDER: Final = "witnessed"
REAL: Final = "real"
_STAGE: Final = "witness"


class WitnessRule(StrEnum):
    """What a rubric asks of dumps; `ANY_KIT` takes virtual kits for real ones, which proves nothing about a kit."""

    PREFERRED = "preferred"
    REQUIRED = "required"
    ANY_KIT = "required of any kit"

    @property
    def is_required(self) -> bool:
        """Whether a dump counts only with a witness."""
        return self is not WitnessRule.PREFERRED


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A witness that was verified, as far as a page shows it; times in ISO 8601, digests in lower-case hex."""

    key_id: str
    bench: str
    kit_kind: str
    mac: str
    time: str
    flash_sha256: str

    @property
    def words(self) -> str:
        """Who witnessed what, and when."""
        return f"witnessed by {self.bench} (key {self.key_id}) on {self.time} on a {self.kit_kind} kit, MAC {self.mac}"


@dataclass(frozen=True, slots=True)
class WitnessFolder:
    """The bundles of a class; `identity` opens them, and lies with the grader."""

    class_folder: Path
    identity: Path
    rule: WitnessRule
    keys: Mapping[str, BenchPublicKey]

    def bundle_of(self, student: str, variant: Variant) -> Path:
        """Return where the bundle of a student would lie."""
        infix = "" if variant is Variant.EMBEDDED_KEY else f".{variant}"
        return self.class_folder / FOLDER / f"{student}{infix}{SUFFIX}"

    def bundles_of(self, student: RosterEntry) -> tuple[Path, ...]:
        """Return where all bundles of a student would lie."""
        return tuple(self.bundle_of(student.id, variant) for variant in Variant)

    def witness(self, student: str, variant: Variant, dump: Path) -> Witnessed | Problem | None:
        """Verify a student's bundle and write its flash to `dump`; None where there is no bundle.

        A bundle that cannot be trusted is nobody's zero: it is a problem of the bench, and the dump is not witnessed.
        """
        path = self.bundle_of(student, variant)
        if not path.is_file():
            return None
        try:
            verified = verify_bundle(path, self.keys)
            if problem := self._misfit(verified, student, variant):
                raise WitnessError(f"{path.name}: {problem}")
            dump.write_bytes(verified.open_flash(self.identity))
        except KitbenchError as error:
            return Problem.of(error)
        seen = verified.witness
        return Witnessed(
            key_id=verified.key.key_id,
            bench=verified.key.bench,
            kit_kind=seen.kit.kind,
            mac=seen.kit.mac,
            time=seen.ended.isoformat(timespec="minutes"),
            flash_sha256=seen.flash_sha256,
        )

    def _misfit(self, verified: Verified, student: str, variant: Variant) -> str:
        seen = verified.witness
        if (seen.student, seen.variant) != (student, str(variant)):
            return f"it is a witness of {seen.student}'s {seen.variant}, not of {student}'s {variant}"
        if seen.kit.kind != REAL and self.rule is not WitnessRule.ANY_KIT:
            return f"it is a witness of a {seen.kit.kind} kit, which is no real one"
        return ""


def witness_folder(class_folder: Path, identity: Path, rule: WitnessRule) -> WitnessFolder:
    """Return the witnesses of a class.

    Raises:
        UsageError: a public key of the class cannot be read.
    """
    return WitnessFolder(class_folder, identity, rule, trusted_keys(class_folder))


def missing_witness(variant: Variant, witnessed: Witnessed | Problem | None) -> Problem:
    """Return why a dump does not count under a rubric that asks for a witness."""
    if isinstance(witnessed, Problem):
        return witnessed
    mend = "kitbench collect --class FOLDER --student ID --kit PORT"
    return Problem(Fault.BENCH, _STAGE, f"{variant.dump_file} was not witnessed at a bench, as the rubric asks: {mend}")
