"""Attached kits as one pool: each is one session's at a time, and one that fails under two submissions is put aside.

Builds have places of their own, as many as this machine has cores: so the next submissions are built while others run.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from kitbench.errors import BenchError

from ...records.schedule import BUILD, RUN, Schedule

#: A kit that has failed under so many submissions is not handed out again.
FAILURES: Final = 2
#: How soon a wait sees that the class run was ended.
_LOOK_EVERY_S: Final = 0.5


@dataclass(slots=True)
class _Kit:
    """A kit's state: who has it since when, and why it failed, by whom that was seen.

    Attributes:
        failures: of a submission that failed on it, why: it may be the submission's own doing.
        unfit: why it is certainly not fit, "" for a kit that may be.
    """

    name: str
    holder: str = ""
    since: float = 0.0
    failures: dict[str, str] = field(default_factory=dict)
    unfit: str = ""

    @property
    def is_aside(self) -> bool:
        return bool(self.unfit) or len(self.failures) >= FAILURES

    @property
    def reason(self) -> str:
        return self.unfit or next(reversed(self.failures.values()), "")


class KitPool:
    """Hands kits out.

    Args:
        kits: their names.
        builders: how many may build at a time.
        stop: set when the class run ends early; whoever waits is told so.
        schedule: notes who had what when.
        kind: of all kits: `attached`, or `virtual` for those that somebody started as such.
    """

    def __init__(
        self, kits: Sequence[str], builders: int, stop: threading.Event, schedule: Schedule, kind: str = "attached"
    ) -> None:
        self.schedule = schedule
        self.kind = kind
        self._kits = {name: _Kit(name) for name in kits}
        self._failed: dict[str, set[str]] = {}
        self._free_builders = builders
        self._building: dict[str, float] = {}
        self._stop = stop
        self._changed = threading.Condition()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all kits."""
        return tuple(self._kits)

    @property
    def size(self) -> int:
        """How many kits there were at the beginning."""
        return len(self._kits)

    @property
    def is_stopped(self) -> bool:
        """Whether the class run ends early."""
        return self._stop.is_set()

    def begin_build(self, who: str) -> None:
        """Wait for a place to build.

        Raises:
            BenchError: the class run was interrupted.
        """
        with self._changed:
            while self._free_builders == 0:
                self._wait()
            self._free_builders -= 1
            self._building[who] = self.schedule.now()

    def end_build(self, who: str) -> None:
        """Give the place back."""
        with self._changed:
            began = self._building.pop(who, None)
            if began is None:
                return
            self._free_builders += 1
            self._changed.notify_all()
        self.schedule.add(BUILD, who, "", began)

    def take(self, who: str) -> str:
        """Return a kit that is `who`'s now: one that failed under them only where no other is left.

        Raises:
            BenchError: all kits were put aside, or the class run was interrupted.
        """
        with self._changed:
            while True:
                fit = [kit for kit in self._kits.values() if not kit.is_aside]
                if not fit:
                    reasons = "; ".join(f"{kit.name}: {kit.reason}" for kit in self._kits.values())
                    raise BenchError(f"no kit is left: {reasons}", stage="kit", fix="kitbench doctor --kit all")
                avoided = self._failed.get(who, set())
                better = [kit for kit in fit if kit.name not in avoided] or fit
                free = next((kit for kit in better if not kit.holder), None)
                if free is not None:
                    free.holder, free.since = who, self.schedule.now()
                    return free.name
                self._wait()

    def give_back(self, who: str, name: str, failure: str = "", *, is_certain: bool = False) -> None:
        """Have a kit back.

        Args:
            who: had it; another's kit stays with the other.
            name: the kit's.
            failure: why it is not fit, "" where it is.
            is_certain: the kit itself was looked at twice; it is put aside at once.
        """
        with self._changed:
            kit = self._kits[name]
            if kit.holder != who:
                return
            kit.holder = ""
            if failure:
                self._note(kit, who, failure, is_certain=is_certain)
            else:
                kit.failures.clear()  # it serves others: what failed on it before was not the kit's doing
            is_aside, since = kit.is_aside, kit.since
            self._changed.notify_all()
        self.schedule.add(RUN, who, name, since, failure)
        if failure and is_aside:
            self.schedule.put_aside(name, failure)

    def _note(self, kit: _Kit, who: str, failure: str, *, is_certain: bool) -> None:
        """Note why a kit failed. A submission that fails on one kit after the other says nothing of the kits."""
        failed = self._failed.setdefault(who, set())
        if is_certain:
            kit.unfit = failure
        elif failed - {kit.name}:
            for other in self._kits.values():
                other.failures.pop(who, None)
        else:
            kit.failures[who] = failure
        failed.add(kit.name)

    def _wait(self) -> None:
        if self._stop.is_set():
            raise BenchError("the class run was interrupted", stage="kit")
        self._changed.wait(_LOOK_EVERY_S)
