"""Witnesses of the class: bundles that a bench collected, checked with the keys that the class trusts.

CLASS_FOLDER/bench-keys/*.pub                  the keys that are trusted
CLASS_FOLDER/witnessed/<id>.kitbench           what a bench saw of a student's kit
CLASS_FOLDER/witnessed/<id>.atecc608a.kitbench the same with the secure element
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from kitbench.confinement.confined_call import ConfinedCall
from kitbench.confinement.confined_process import Box, Limits
from kitbench.errors import Fault, KitbenchError
from kitbench.witness.bench_key import BenchPublicKey, trusted_keys
from kitbench.witness.bundle import SUFFIX, Witness, verify_bundle
from kitbench.witness.error import WitnessError

from ..judgement import Problem
from ..roster import RosterEntry
from ..variant import Variant

FOLDER: Final = "witnessed"
REAL: Final = "real"
_STAGE: Final = "witness"
#: A flash of 128 MB, the largest that a bundle may hold, needs 5 s and 420 MB.
_LIMITS: Final = Limits(seconds=180, cpu_seconds=60, memory=640 << 20, file_size=130 << 20)


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
    """The bundles of a class; `identity` opens them, and is with the grader.

    `ids` are the roster's by what results call a student, where that is something else.
    """

    class_folder: Path
    identity: Path
    rule: WitnessRule
    keys: Mapping[str, BenchPublicKey]
    ids: Mapping[str, str] = field(default_factory=dict)

    def bundle_of(self, student: str, variant: Variant) -> Path:
        """Return where the bundle of a student would be."""
        infix = "" if variant is Variant.EMBEDDED_KEY else f".{variant}"
        return self.class_folder / FOLDER / f"{self.ids.get(student, student)}{infix}{SUFFIX}"

    def bundles_of(self, student: RosterEntry) -> tuple[Path, ...]:
        """Return where all bundles of a student would be."""
        return tuple(self.bundle_of(student.id, variant) for variant in Variant)

    def witness(self, student: str, variant: Variant, dump: Path) -> Witnessed | Problem | None:
        """Verify a student's bundle and write its flash to `dump`; None where there is no bundle.

        A bundle that cannot be trusted is nobody's zero: it is a problem of the bench, and the dump is not witnessed.
        """
        path = self.bundle_of(student, variant)
        if not path.is_file():
            return None
        asked = Asked(self.ids.get(student, student), str(variant), takes_any_kit=self.rule is WitnessRule.ANY_KIT)
        dump.touch()  # it alone may be written
        readable = (path.resolve(), self.identity.absolute())
        box = Box(_LIMITS, readable=readable, writable=(dump.resolve(),))
        # A bundle that brings its reader down is no more than one that cannot be trusted.
        read = ConfinedCall(path.name, _STAGE, box, Fault.BENCH)
        try:
            return read(open_bundle, path.resolve(), self.keys, asked, self.identity.absolute(), dump.resolve())
        except KitbenchError as error:
            dump.unlink()
            return Problem.of(error)


@dataclass(frozen=True, slots=True)
class Asked:
    """Of what a bundle must be a witness: a student's kit with a variant, a real one unless any kind will do."""

    student: str
    variant: str
    takes_any_kit: bool

    def misfit(self, seen: Witness) -> str:
        """Say in what a bundle is another's, "" where it fits."""
        if (seen.student, seen.variant) != (self.student, self.variant):
            return f"it is a witness of {seen.student}'s {seen.variant}, not of {self.student}'s {self.variant}"
        if seen.kit.kind != REAL and not self.takes_any_kit:
            return f"it is a witness of a {seen.kit.kind} kit, which is no real one"
        return ""


def open_bundle(path: Path, keys: Mapping[str, BenchPublicKey], asked: Asked, identity: Path, dump: Path) -> Witnessed:
    """Verify a bundle and write its flash to `dump`; called in a confined process, as anybody may have written it.

    Raises:
        WitnessError: it cannot be trusted, or is a witness of something else.
        UsageError: `identity` holds none.
    """
    verified = verify_bundle(path, keys)
    seen = verified.witness
    if problem := asked.misfit(seen):
        raise WitnessError(f"{path.name}: {problem}")
    with dump.open("r+b") as file:
        file.write(verified.open_flash(identity))
    return Witnessed(
        key_id=verified.key.key_id,
        bench=verified.key.bench,
        kit_kind=seen.kit.kind,
        mac=seen.kit.mac,
        time=seen.ended.isoformat(timespec="minutes"),
        flash_sha256=seen.flash_sha256,
    )


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
    fix = "kitbench collect --class FOLDER --student ID --kit PORT"
    return Problem(Fault.BENCH, _STAGE, f"{variant.dump_file} was not witnessed at a bench, as the rubric asks: {fix}")
