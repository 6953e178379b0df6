"""The rehearsal's lines: a kit each, and how many are fit."""

from collections.abc import Sequence

from kitbench.bench.rehearsal.rehearsed_kit import RehearsedKit
from kitbench.doctor.check import Line, State


def lines_of(kits: Sequence[RehearsedKit], seconds: float) -> list[Line]:
    """Return the lines of a rehearsal that took so many seconds in all."""
    unfit = [kit.name for kit in kits if not kit.is_fit]
    fit = len(kits) - len(unfit)
    said = f"{fit} of {len(kits)} kits were flashed, connected and were dumped, in {seconds:.0f} s"
    whole = Line("rehearsal", State.FAIL, f"{said}; unfit: {', '.join(unfit)}", "use the others, or mend these")
    return [*map(line_of, kits), whole if unfit else Line("rehearsal", State.OK, said)]


def line_of(kit: RehearsedKit) -> Line:
    """Return a kit's line."""
    passed = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in kit.seconds.items())
    if kit.is_fit:
        return Line(f"kit {kit.name}", State.OK, f"{kit.identity}: {passed}")
    before = f" (before that {passed})" if passed else ""
    return Line(f"kit {kit.name}", State.FAIL, f"{kit.stage}: {kit.reason}{before}", kit.fix)
