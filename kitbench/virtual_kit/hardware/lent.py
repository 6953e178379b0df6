"""A kit that is lent to a run: where its Wi-Fi leads meanwhile, how fast its clock runs, and what it lacked."""

from collections.abc import Callable
from typing import Any, Final

from kitbench.errors import UsageError
from kitbench.virtual_kit.hardware.cpu_interface import Way

#: What a kit remembers of what it lacks; firmware may ask without end.
_MOST_GAPS: Final = 1000
_MOST_TOLD: Final = 20
_LONGEST_GAP: Final = 400
_CLOCK_FACTORS: Final = (0.01, 1000.0)
_STAGE: Final = "virtual kit"

#: Takes the ways of the kit's Wi-Fi and the factor of its clock, for the apps that start from now on.
Surround = Callable[[tuple[Way, ...], float], None]


class LentKit:
    """What whoever has a kit's token may arrange around it.

    Args:
        surround: arranges it.
        usual: the ways and the clock's factor that it was started with, and has again when it is given back.
    """

    def __init__(self, surround: Surround, usual: tuple[tuple[Way, ...], float]) -> None:
        self._surround = surround
        self._usual = usual
        self._gaps: list[str] = []

    def note_gap(self, feature: str) -> None:
        """Remember what firmware asked for in vain; any thread may call it."""
        if len(self._gaps) < _MOST_GAPS:
            self._gaps.append(feature[:_LONGEST_GAP])

    def lend(self, ways: Any, clock_factor: Any) -> None:
        """Let Wi-Fi lead to `HOST:PORT[=HOST:PORT]` and nowhere else from the next app on; None takes the kit back.

        Raises:
            UsageError: a way is none, or the clock cannot run so.
        """
        if ways is None:
            self._surround(*self._usual)
            return
        if not isinstance(ways, list):
            raise UsageError("access points are a list", stage=_STAGE)
        parsed = tuple(parse_way(str(way)) for way in ways)
        least, most = _CLOCK_FACTORS
        if not isinstance(clock_factor, int | float) or not least <= clock_factor <= most:
            raise UsageError(f"a kit's clock runs {least:g} to {most:g} times as fast", stage=_STAGE)
        self._surround(parsed, float(clock_factor))

    def gaps(self, after: int) -> dict[str, Any]:
        """Return the first gaps after `after` earlier ones, and how many there are in all."""
        return {"gaps": self._gaps[max(0, after) :][:_MOST_TOLD], "count": len(self._gaps)}


def parse_way(text: str) -> Way:
    """Return the way that `HOST:PORT[=HOST:PORT]` names; raises UsageError where it is none."""
    known, _, end = text.partition("=")
    host, port = _endpoint(known)
    return (host, port, *_endpoint(end)) if end else (host, port)


def _endpoint(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal()) or not 0 < int(port[:6]) < 65536:
        raise UsageError(f"access point {text[:200]!r} is not HOST:PORT")
    return host, int(port)
