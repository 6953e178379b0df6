"""What a bench is fit for, and what not, in the last line of the screen. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from kitbench.doctor.check import Line, State

_PYTHON: Final = frozenset({"python", "packages"})
#: What of the bench each work needs, by subject; whatever fails, grading needs it.
_NEEDS: Final[Mapping[str, frozenset[str]]] = {
    "audits": _PYTHON | {"audit"},
    "reading hand-ins": _PYTHON | {"confinement"},
    "builds": _PYTHON | {"extras", "ESP-IDF", "build sandbox"},
}
#: The lines that name single checks which this bench cannot show.
_SINGLE: Final = "not graded here"


def fitness(lines: Iterable[Line]) -> str:
    """Return what the lines come to: ``fit for A, B; not for C (subject)``."""
    lines = tuple(lines)
    failing = [line.subject for line in lines if line.state is State.FAIL]
    hindrances = {work: [one for one in failing if one in needs] for work, needs in _NEEDS.items()}
    hindrances["runs on a kit"] = [one for one in failing if one not in {"audit", "confinement"}]
    hindrances["grading"] = failing
    fit = [work for work, hindrance in hindrances.items() if not hindrance]
    unfit = [f"{work} ({', '.join(dict.fromkeys(hindrance))})" for work, hindrance in hindrances.items() if hindrance]
    unfit += [line.detail.partition(":")[0] for line in lines if line.subject == _SINGLE]
    words = [f"fit for {', '.join(fit)}" if fit else "fit for nothing"]
    return "; ".join([*words, f"not for {', '.join(unfit)}"] if unfit else words)
