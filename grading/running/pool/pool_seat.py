"""A session's place at the kit desk: what it holds of the pool, and how long it has waited for it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from .kit_pool import KitPool


class PoolSeat:
    """What one session of the on-kit suite has of the pool.

    Args:
        pool: of all kits.
        who: the submission and its variant.

    Attributes:
        failure: the last kit that failed while the session had it, and why; "" for none.
    """

    def __init__(self, pool: KitPool, who: str) -> None:
        self._pool = pool
        self._who = who
        self._kit = ""
        self._waited_s = 0.0
        self._waits_since: float | None = None
        self.failure = ""

    @property
    def kind(self) -> str:
        """The kind of the pool's kits."""
        return self._pool.kind

    def begin_build(self) -> None:
        """Wait for a place to build."""
        with self._waiting():
            self._pool.begin_build(self._who)

    def end_build(self) -> None:
        """Give it back."""
        self._pool.end_build(self._who)

    def take_kit(self) -> str:
        """Wait for a kit; return its name."""
        with self._waiting():
            self._kit = self._pool.take(self._who)
        self.failure = ""
        return self._kit

    def give_back(self, failure: str) -> None:
        """Give the kit back; a session says that one is not fit when it has looked twice, so that this is certain."""
        self._give(failure, is_certain=True)

    def close(self, failure: str = "") -> None:
        """Give back whatever the session still had at its end; `failure` where that may be the kit's."""
        self._pool.end_build(self._who)
        self._give(failure, is_certain=False)

    def waited_s(self) -> float:
        """Return how long the session has waited until now, in seconds: that time is none of its own."""
        since = self._waits_since
        return self._waited_s + (time.monotonic() - since if since is not None else 0.0)

    def _give(self, failure: str, *, is_certain: bool) -> None:
        if not self._kit:
            return
        self.failure = f"{self._kit}: {failure}" if failure else ""
        self._pool.give_back(self._who, self._kit, failure, is_certain=is_certain)
        self._kit = ""

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        self._waits_since = time.monotonic()
        try:
            yield
        finally:
            self._waited_s = self.waited_s()
            self._waits_since = None
