"""The rubric: criteria with points, what each asks for, and the manual criteria that a person marks."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from kitbench.errors import UsageError
from kitbench.installation import named_rubric
from kitbench.spelling import did_you_mean
from kitbench.toml_table import FLAG, Field, check_table, is_list_of, is_number, is_table, is_text, is_whole, shown
from kitbench.traffic_rules import TABLE as TRAFFIC
from kitbench.traffic_rules import TrafficRules, parse_traffic

from ..variant import Variant
from .late import LateRule, parse_late
from .requirements import REQUIREMENTS
from .witness import WitnessRule

#: Where the course's own rubrics are, for people to find them: in a checkout and in a wheel.
_GRADING: Final = Path(__file__).parents[1]
#: The check that [traffic] nonce = false switches off.
NONCE: Final = "nonce_from_the_cloud_appears_on_the_serial_line"


#: Keys of a rubric whose values are not taken as they are.
_TABLES: Final = frozenset({"criterion", "manual", "witness", "late", TRAFFIC})


def _tables(name: str, *, needed: bool = False) -> Field:
    return Field(f"tables, each written [[{name}]]", is_list_of(is_table), needed)


_TEXT: Final = Field("a text", is_text, needed=True)
_NAMES: Final = Field('a list of names, as ["dump_is_whole"]', is_list_of(is_text))
_RUBRIC: Final = {
    "title": _TEXT,
    "criterion": _tables("criterion", needed=True),
    "manual": _tables("manual"),
    "offset_tolerance": Field("a whole number of bytes", lambda value: is_whole(value) and value >= 0),
    "message_budget": Field("a whole number above 0", lambda value: is_whole(value) and value > 0),
    "witness": Field("a text", is_text),
    TRAFFIC: Field(f"a table, written [{TRAFFIC}]", is_table),
    "late": Field("a table, written [late]", is_table),
}
_CRITERION: Final = {
    "id": _TEXT,
    "title": _TEXT,
    "points": Field("a number", is_number, needed=True),
    "text": Field("a text", lambda value: isinstance(value, str), needed=True),
    "bonus": FLAG,
    "hidden": FLAG,
    "requires": _NAMES,
    "checks": _tables("criterion.checks"),
}
_CHECKS: Final = {
    "variant": _TEXT,
    "criterion": _TEXT,
    "must_run": Field('a list of names, as ["kit_boots_the_app_that_was_built"]', is_list_of(is_text)),
    "where_possible": FLAG,
}
_MANUAL: Final = {
    "id": _TEXT,
    "title": _TEXT,
    "text": _CRITERION["text"],
    "shows": Field("the name of an answer", is_text),
    "hidden": FLAG,
}


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """The on-kit checks of one criterion in one variant; `must_run` names those that may not be missing.

    `where_possible` lets a criterion rest on its other checks where the bench cannot lead its kit to a hostile
    endpoint: on an attached kit without a relay these are not looked at, and the reason says so.
    """

    variant: Variant
    criterion: str
    must_run: tuple[str, ...] = ()
    where_possible: bool = False


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the rubric, worth its points when all that it asks for passed; `bonus` points come on top.

    `hidden` ones are not in the copy that students get: `kitbench rubric --public`.
    """

    id: str
    title: str
    points: float
    text: str
    bonus: bool = False
    hidden: bool = False
    requires: tuple[str, ...] = ()
    checks: tuple[CheckGroup, ...] = ()

    def __post_init__(self) -> None:
        unknown = next((name for name in self.requires if name not in REQUIREMENTS), None)
        if unknown is not None:
            raise ValueError(f"criterion {self.id!r} requires {unknown!r}, which nobody knows: {_meant(unknown)}")
        if not self.requires and not self.checks:
            # A criterion that asks for nothing would be passed by everybody.
            raise ValueError(f"criterion {self.id!r} asks for nothing")
        if not 0 < self.points <= 1000:
            raise ValueError(f"criterion {self.id!r} is worth {shown(self.points)} points, expected 0 to 1000")


@dataclass(frozen=True, slots=True)
class ManualCriterion:
    """A criterion that a person marks; `shows` names the answer to print beside the empty mark."""

    id: str
    title: str
    text: str
    shows: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Rubric:
    """All criteria of the assignment, and the numbers that its text states."""

    title: str
    criteria: tuple[Criterion, ...]
    manual: tuple[ManualCriterion, ...] = ()
    offset_tolerance: int = 15
    message_budget: int = 2000
    witness: WitnessRule = WitnessRule.PREFERRED
    traffic: TrafficRules = field(default_factory=TrafficRules)
    late: LateRule | None = None

    def __post_init__(self) -> None:
        ids = [criterion.id for criterion in self.criteria] + [criterion.id for criterion in self.manual]
        if len(set(ids)) != len(ids):
            raise ValueError("two criteria have the same id")
        if not self.criteria:
            raise ValueError("there is no criterion")

    @property
    def points(self) -> float:
        """Points that can be reached without the bonus."""
        return sum(criterion.points for criterion in self.criteria if not criterion.bonus)

    @property
    def bonus_points(self) -> float:
        """Points that can be reached on top."""
        return sum(criterion.points for criterion in self.criteria if criterion.bonus)

    def criteria_in(self, variant: Variant) -> frozenset[str]:
        """Return which of the on-kit suite's criteria count in a variant."""
        groups = (group for criterion in self.criteria for group in criterion.checks)
        return frozenset(group.criterion for group in groups if group.variant is variant)

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The variants that are run on a kit: those in which some criterion asks for a check."""
        return tuple(variant for variant in Variant if self.criteria_in(variant))

    def checks_in(self, variant: Variant) -> tuple[str, ...]:
        """Return the names of the checks that must run in a variant; empty when some criterion names none."""
        groups = [group for one in self.criteria for group in one.checks if group.variant is variant]
        named = all(group.must_run for group in groups)
        return tuple(name for group in groups for name in group.must_run) if named else ()


def rubric_option(_context: object, _parameter: object, path: Path | None) -> Path | None:
    """Return what `--rubric` means, as a callback of click's: a file, or the name of a rubric that comes along."""
    return named_rubric(path) if path is not None else None


def rubric_text(path: Path | None = None) -> str:
    """Return the text of a rubric that can be read, or of the course's own."""
    source = path if path is not None else _GRADING / "rubric.toml"
    return source.read_text(encoding="utf-8")


def read_rubric(path: Path | None = None) -> Rubric:
    """Return the rubric in `path`, or the course's own that comes with this package.

    Raises:
        UsageError: the file is missing or malformed.
    """
    source = path if path is not None else _GRADING / "rubric.toml"
    try:
        return parse_rubric(tomllib.loads(source.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", stage="rubric") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}", stage="rubric") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path or 'rubric.toml'}: {error}", stage="rubric") from error


def parse_rubric(table: Mapping[str, Any]) -> Rubric:
    """Return the rubric that a parsed TOML file describes.

    Raises:
        ValueError: a key is missing, unknown or out of range.
    """
    check_table("the rubric", table, _RUBRIC)
    witness = table.get("witness", WitnessRule.PREFERRED)
    if witness not in set(WitnessRule):
        raise ValueError(f"witness is {witness!r}: {did_you_mean(str(witness), WitnessRule)}")
    settings = {key: value for key, value in table.items() if key not in _TABLES}
    traffic = parse_traffic(table.get(TRAFFIC, {}))
    criteria = tuple(_criterion(row) for row in table["criterion"])
    return Rubric(
        criteria=criteria if traffic.nonce else tuple(_without_nonce(one) for one in criteria),
        manual=tuple(_manual(row) for row in table.get("manual", ())),
        traffic=traffic,
        witness=WitnessRule(witness),
        late=parse_late(table["late"]) if "late" in table else None,
        **settings,
    )


def _without_nonce(criterion: Criterion) -> Criterion:
    """Return a criterion that does not ask for the nonce.

    Raises:
        ValueError: it asks for nothing else.
    """
    # A group of nothing but the nonce goes: without names it would ask for all that carry its criterion.
    groups = [one for one in criterion.checks if one.must_run != (NONCE,)]
    if not groups and not criterion.requires:
        raise ValueError(f"criterion {criterion.id!r} asks for {NONCE} alone, which [traffic] nonce = false leaves out")
    named = (replace(one, must_run=tuple(name for name in one.must_run if name != NONCE)) for one in groups)
    return replace(criterion, checks=tuple(named))


def _meant(name: str) -> str:
    """Return what somebody may have meant who requires what nobody knows."""
    close = did_you_mean(name, REQUIREMENTS)
    return close if close.startswith("did") else f"{close}; checks of the kit go under [[criterion.checks]] must_run"


def _criterion(row: Mapping[str, Any]) -> Criterion:
    where = f"criterion {shown(row.get('id', '?'))}"
    check_table(where, row, _CRITERION)
    simple = {key: value for key, value in row.items() if key not in {"requires", "checks"}}
    groups = tuple(_group(group, where) for group in row.get("checks", ()))
    return Criterion(requires=tuple(row.get("requires", ())), checks=groups, **simple)


def _group(row: Mapping[str, Any], where: str) -> CheckGroup:
    where = f"[[criterion.checks]] of {where}"
    check_table(where, row, _CHECKS)
    variant = row["variant"]
    if variant not in {one.value for one in Variant}:
        raise ValueError(f"{where}: variant is {variant!r}: {did_you_mean(variant, Variant)}")
    where_possible = row.get("where_possible", False)
    return CheckGroup(Variant(variant), row["criterion"], tuple(row.get("must_run", ())), where_possible)


def _manual(row: Mapping[str, Any]) -> ManualCriterion:
    check_table(f"manual criterion {shown(row.get('id', '?'))}", row, _MANUAL)
    return ManualCriterion(**row)
