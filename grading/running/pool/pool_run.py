"""A run on whichever kit of the pool is fit: where one fails, the run goes on elsewhere, and nobody loses a point."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from kitbench.errors import BenchError
from kitbench.kit_desk import served

from .kit_pool import KitPool
from .pool_seat import PoolSeat

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Handing:
    """How a session gets its kit.

    Attributes:
        address: of the kit desk, for its environment.
        waited_s: how long it has waited there until now, in seconds.
    """

    address: str
    waited_s: Callable[[], float]


def run_on_fit_kit(
    pool: KitPool, who: str, run: Callable[[Handing], Result], *, on_failure: Callable[[str], None]
) -> Result:
    """Return what a run came to on a kit that did not fail meanwhile.

    Args:
        pool: of kits.
        who: the submission and its variant.
        run: one session; raises BenchError where it did not end well, which may be its kit's fault.
        on_failure: is told which kit failed and why, before the run is begun anew.

    Raises:
        BenchError: no kit is left, or the last of as many runs as there are kits failed.
    """
    for number in range(1, pool.size + 1):
        seat, error = PoolSeat(pool, who), None
        try:
            with served(seat) as address:
                try:
                    outcome = run(Handing(address, seat.waited_s))
                except BenchError as caught:
                    error = caught
                seat.close(error.message if error is not None else "")
        finally:
            # Of a session that died while it waited, or that something else ended: the others would wait without end.
            seat.close()
        is_last = number == pool.size or pool.is_stopped
        if not seat.failure or is_last:
            if error is not None:
                raise error
            return outcome
        on_failure(seat.failure)
    raise BenchError("the pool has no kits", stage="kit")
