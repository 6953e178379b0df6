"""What a rehearsal found of one kit."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RehearsedKit:
    """A kit after its rehearsal.

    Attributes:
        name: in the bench description, or its port.
        seconds: what each stage took that was passed, by `flash`, `connect`, `dump`.
        identity: chip and MAC, "" where it never came to that.
        stage: at which it failed, "" for a kit that is fit.
        reason: why, in one line.
        fix: what mends it, "" where nobody knows.
    """

    name: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    identity: str = ""
    stage: str = ""
    reason: str = ""
    fix: str = ""

    @property
    def is_fit(self) -> bool:
        """Whether all of it was passed."""
        return not self.stage
