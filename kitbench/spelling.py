"""What somebody probably meant who wrote a name that nobody knows."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a clause for an error message: the known name that looks most like it, or all of them."""
    names = sorted(str(one) for one in known)
    same = {one.casefold(): one for one in names}
    close = [same[one] for one in get_close_matches(name.casefold(), same, n=1, cutoff=0.6)]
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(names) or 'none'}"
