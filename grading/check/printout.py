"""What a check prints: paragraphs for people at a terminal, one line per fact for everything else. Pure."""

from collections.abc import Iterator, Sequence

from .standing import CriterionStanding, Standing, points

_SIGNS = {Standing.KEPT: "✓", Standing.LOST: "✗", Standing.NOT_SHOWN: "?"}
_STYLES = {Standing.KEPT: "green", Standing.LOST: "red", Standing.NOT_SHOWN: "yellow"}


def lines(standing: Sequence[CriterionStanding]) -> Iterator[str]:
    """Yield a line per fact, each of which says by itself what it is about: for `grep`."""
    for one in standing:
        title = f"{one.criterion.id} ({one.criterion.title})"
        yield f"{one.standing}: {title}: {one.criterion.points:g}{' bonus' if one.criterion.bonus else ''}"
        for fact in one.facts:
            yield f"{fact.standing}: {one.criterion.id}: {fact.name}: {fact.reason}"
            if fact.to_do:
                yield f"to do: {one.criterion.id}: {fact.name}: {fact.to_do}"


def paragraphs(standing: Sequence[CriterionStanding]) -> Iterator[tuple[str, str]]:
    """Yield lines for a terminal, each with the style that it is shown in."""
    for one in standing:
        bonus = ", bonus" if one.criterion.bonus else ""
        yield f"{_SIGNS[one.standing]} {one.criterion.title}: {one.standing}{bonus}", f"bold {_STYLES[one.standing]}"
        for fact in one.facts:
            yield f"   {_SIGNS[fact.standing]} {fact.reason}", _STYLES[fact.standing] if fact.to_do else "dim"
            if fact.to_do:
                yield f"     → {fact.to_do}", ""


def summary(standing: Sequence[CriterionStanding]) -> str:
    """Return the last line."""
    most = sum(one.criterion.points for one in standing)
    counts = ", ".join(f"{sum(1 for one in standing if one.standing is kind)} {kind}" for kind in Standing)
    return f"{points(standing):g} of {most:g} points: {counts}"
