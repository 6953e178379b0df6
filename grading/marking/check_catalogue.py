"""The checks that a rubric can ask for, read from the sources of the on-kit suite without running any of it."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from kitbench.errors import UsageError
from kitbench.spelling import did_you_mean

from ..variant import Variant
from .requirements import REQUIREMENTS
from .rubric import NONCE, CheckGroup, Rubric

_PREFIX: Final = "test_"


@dataclass(frozen=True, slots=True)
class KnownCheck:
    """A check.

    Attributes:
        name: the test's, without `test_`.
        criterion: that it carries, "" for none.
        variants: of the firmware that it is for.
        text: what it looks at, the first line of its docstring.
    """

    name: str
    criterion: str
    variants: tuple[str, ...]
    text: str


def known_checks(*folders: Path) -> tuple[KnownCheck, ...]:
    """Return the checks in the folders' `test_*.py`, in the order of their files.

    Raises:
        UsageError: a file is no Python.
    """
    return tuple(check for folder in folders for file in sorted(folder.glob("test_*.py")) for check in _checks_in(file))


def check_rubric(rubric: Rubric, known: Sequence[KnownCheck]) -> None:
    """Make sure that the suite has what a rubric asks for.

    Raises:
        UsageError: it asks for a check that there is not, or for a criterion that no check serves.
    """
    for criterion in rubric.criteria:
        for group in criterion.checks:
            _check_group(group, f"criterion {criterion.id!r}", known)


def with_names(rubric: Rubric, known: Sequence[KnownCheck]) -> Rubric:
    """Return the rubric with the checks by name where it asks for all that carry a criterion: those must run then."""

    def named(group: CheckGroup) -> CheckGroup:
        names = (check.name for check in checks_of(group, known))
        return replace(group, must_run=tuple(name for name in names if rubric.traffic.nonce or name != NONCE))

    criteria = (replace(one, checks=tuple(named(group) for group in one.checks)) for one in rubric.criteria)
    return replace(rubric, criteria=tuple(criteria))


def checks_of(group: CheckGroup, known: Sequence[KnownCheck]) -> list[KnownCheck]:
    """Return the checks that a group asks for: those that it names, or all that carry its criterion."""
    carrying = [one for one in known if one.criterion == group.criterion and group.variant in one.variants]
    return [one for one in carrying if one.name in group.must_run] if group.must_run else carrying


def _check_group(group: CheckGroup, where: str, known: Sequence[KnownCheck]) -> None:
    suited = [one for one in known if group.variant in one.variants]
    carrying = {one.name for one in suited if one.criterion == group.criterion}
    if not carrying:
        meant = did_you_mean(group.criterion, {one.criterion for one in suited if one.criterion})
        text = f"{where}: no check serves {group.criterion!r} in the variant {group.variant}: {meant}"
        raise UsageError(text, stage="rubric", fix=_MEND)
    for name in group.must_run:
        if name in carrying:
            continue
        other = next((one for one in known if one.name == name), None)
        if name in REQUIREMENTS:
            why = f"{name!r} is no check of the kit: it goes under requires"
        elif other is None:
            why = f"there is no check {name!r}: {did_you_mean(name, carrying)}"
        else:
            served = f"serves {other.criterion!r}" if other.criterion else "serves no criterion"
            why = f"the check {name!r} {served}, in {' and '.join(other.variants)}"
        raise UsageError(f"{where}: {why}", stage="rubric", fix=_MEND)


_MEND: Final = "see `kitbench checks`"


def _checks_in(file: Path) -> Iterator[KnownCheck]:
    try:
        module = ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError) as error:
        raise UsageError(f"{file}: {error}", stage="rubric") from error
    shared = [marker for node in module.body if _is_pytestmark(node) for marker in _markers(node)]
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith(_PREFIX):
            markers = dict([*shared, *(marker for one in node.decorator_list for marker in _markers(one))])
            yield KnownCheck(
                name=node.name.removeprefix(_PREFIX),
                criterion=next(iter(markers.get("criterion", ())), ""),
                variants=markers.get("variants", (Variant.EMBEDDED_KEY.value, Variant.ATECC608A.value)),
                text=(ast.get_docstring(node) or "").split("\n")[0],
            )


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
    )


def _markers(node: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield name and texts of each `pytest.mark.NAME("…")` below a node."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            texts = tuple(
                one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )
            yield call.func.attr, texts
