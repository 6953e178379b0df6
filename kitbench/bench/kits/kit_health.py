"""Is a kit fit to be used? One that fails its check twice is put aside with the reason, and the next one is taken."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kitbench.bench.kits.kit_choice import KitChoice
from kitbench.errors import BenchError
from kitbench.kit.kit_identity import KitIdentity, identify
from kitbench.kit.start_line import garbled_starts

ATTEMPTS: Final = 2
_log = logging.getLogger(__name__)

#: Says which chip answers on a port; raises BenchError where none does, or the wrong one.
Identify = Callable[[KitChoice], KitIdentity]


@dataclass(frozen=True, slots=True)
class HealthyKit:
    """A kit that answered.

    Attributes:
        put_aside: why the kits before it were not taken, by port.
    """

    choice: KitChoice
    identity: KitIdentity
    put_aside: Mapping[str, str]


def first_healthy(kits: Sequence[KitChoice], look: Identify | None = None) -> HealthyKit:
    """Return the first kit that is fit.

    Raises:
        BenchError: none is; the line has the reason for each.
    """
    put_aside: dict[str, str] = {}
    for kit in kits:
        identity = _identity_or_reason(kit, look or _look)
        if isinstance(identity, KitIdentity):
            return HealthyKit(kit, identity, put_aside)
        put_aside[kit.port] = identity.message
        last = identity
    if len(kits) == 1:
        raise last
    raise BenchError(f"no kit is fit: {'; '.join(put_aside.values())}", stage="kit", fix="kitbench doctor --kit PORT")


def why_unfit(kit: KitChoice, look: Identify | None = None) -> str:
    """Return why a kit that was just used is not fit, "" where it is.

    It is asked for its chip and for a stretch of its flash, whose digest shows a line that garbles; then it is started
    some times, as the ROM prints the same words each time, at the rate at which firmware is read. At the end
    it is silent.
    """
    identity = _identity_or_reason(kit, look or _look_closely)
    return identity.message if isinstance(identity, BenchError) else garbled_starts(kit.port)


def _look_closely(kit: KitChoice) -> KitIdentity:
    return identify(kit.port, expected_mac=kit.mac, reads_flash=True)


def _look(kit: KitChoice) -> KitIdentity:
    return identify(kit.port, expected_mac=kit.mac)


def _identity_or_reason(kit: KitChoice, look: Identify) -> KitIdentity | BenchError:
    for attempt in range(ATTEMPTS):
        try:
            return look(kit)
        except BenchError as error:
            failure = error
            _log.warning("%s, attempt %d of %d", error, attempt + 1, ATTEMPTS)
    return failure
