"""The sign above a flash map: what the dump shows, in two words and a sentence that says no more than was proven."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kitbench.forensics.proof.verdict import Outcome, Verdict

MEANING: Final = "whoever holds the kit for a minute can copy it"


class SignKind(StrEnum):
    """Which of three signs; each has a shape of its own beside its colour."""

    KEY = "key"
    CLEAN = "clean"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign: its headline, and a sentence below it."""

    kind: SignKind
    headline: str
    sentence: str


def sign_of(verdict: Verdict) -> Sign:
    """Return the sign that a verdict earns; an absence counts only where the planted keys were found."""
    leaked = sum(1 for finding in verdict.findings if finding.is_leaked_key)
    if leaked:
        return key_sign(leaked)
    if verdict.outcome is Outcome.ABSENT and verdict.canary.is_sound:
        sentence = (
            f"in any of the {len(verdict.proven_absent)} forms that were searched for; "
            f"the same scan found all {verdict.canary.planted} keys that were planted to test it"
        )
        return Sign(SignKind.CLEAN, "NO PRIVATE KEY FOUND", sentence)
    return Sign(SignKind.OPEN, "PROVES NOTHING", f"either way: {verdict.reason}")


def key_sign(count: int) -> Sign:
    """Return the sign of a flash with private keys."""
    if count == 1:
        return Sign(SignKind.KEY, "PRIVATE KEY", MEANING)
    return Sign(SignKind.KEY, f"{count} PRIVATE KEYS", MEANING.replace(" it", " them"))
