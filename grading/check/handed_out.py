"""What the course handed out: the rubric, and beside it, where there are any, its own checks and the template."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kitbench.errors import UsageError
from kitbench.spelling import did_you_mean

from ..hand_in.class_folder import CHECKS_FOLDER, TEMPLATE_FOLDER
from ..marking.check_catalogue import check_rubric, known_checks, with_names
from ..marking.rubric import Rubric, read_rubric, rubric_text
from ..marking.witness import WitnessRule


@dataclass(frozen=True, slots=True)
class HandedOut:
    """By what is checked.

    Attributes:
        rubric: with the criteria that are to be checked, and every check named; dumps count without a witness.
        text: of the rubric's file.
        path: of the rubric's file, None for the course's own.
        checks: folder of the class's own checks, None for none.
        template: the project that was handed out, None for the reference project.
        needs_witness: whether the grader takes no dump without a bench's witness.
    """

    rubric: Rubric
    text: str
    path: Path | None
    checks: Path | None
    template: Path | None
    needs_witness: bool


def read_handed_out(path: Path | None, checks: Path | None, only: Sequence[str], suite: Path) -> HandedOut:
    """Return what was handed out, cut down to the criteria `only` names, if any.

    Raises:
        UsageError: the rubric cannot be read, or asks for what there is not; `only` names no criterion of it.
    """
    rubric = read_rubric(path)
    checks = _folder(checks, path, CHECKS_FOLDER)
    known = known_checks(suite, *([checks] if checks is not None else []))
    check_rubric(rubric, known)
    ids = [criterion.id for criterion in rubric.criteria]
    for name in only:
        if name not in ids:
            raise UsageError(f"--only {name}: {did_you_mean(name, ids)}", stage="rubric")
    criteria = tuple(one for one in rubric.criteria if not only or one.id in only)
    chosen = replace(rubric, criteria=criteria, witness=WitnessRule.PREFERRED)
    return HandedOut(
        with_names(chosen, known),
        rubric_text(path),
        path,
        checks,
        _folder(None, path, TEMPLATE_FOLDER),
        rubric.witness.is_required,
    )


def _folder(named: Path | None, rubric: Path | None, name: str) -> Path | None:
    """Return a folder that was named, or is beside the rubric."""
    if named is not None and not named.is_dir():
        raise UsageError(f"{named} is no folder", stage="rubric")
    beside = named or (rubric.parent / name if rubric is not None else None)
    return beside.resolve() if beside is not None and beside.is_dir() else None
