"""What a criterion looks at, line by line, in words that a student can read beforehand. Pure."""

from collections.abc import Sequence

from .check_catalogue import KnownCheck, checks_of
from .requirements import REQUIREMENTS
from .rubric import Criterion, Rubric

#: The criterion whose checks go by the table [traffic].
TRAFFIC_CRITERION = "traffic"


def asked(criterion: Criterion, rubric: Rubric, known: Sequence[KnownCheck]) -> tuple[str, ...]:
    """Return what must be so for a criterion's points: of what was handed in, and of the kit on the bench."""
    lines = [first_line(REQUIREMENTS[name].__doc__) for name in criterion.requires]
    for group in criterion.checks:
        lines += [f"{group.variant}: {check.text}" for check in checks_of(group, known)]
        if group.criterion == TRAFFIC_CRITERION:
            lines += [f"{group.variant}: {line}" for line in rubric.traffic.asked()]
    return tuple(lines)


def first_line(text: str | None) -> str:
    """Return the first line of a docstring."""
    return (text or "").split("\n")[0]
