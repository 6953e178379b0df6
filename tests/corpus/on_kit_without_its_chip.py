"""On-kit tests that `tests.corpus.chip_in_hand` makes possible: a kit with its key in its chip needs that very chip."""

import time
from typing import Final

import pytest

from kitbench import KitDeedError, Observer, Presence, RunningKit, Thing
from tests.corpus.chip_in_hand import ChipInHand, Deed

pytestmark = [pytest.mark.hardware, pytest.mark.variants("atecc608a")]

#: Longer than a kit takes that has connected before: three times as long, and so long at least.
WATCHED_S: Final = 12.0
CONNECTED_WITHIN_S: Final = 30.0
LOOK_EVERY_S: Final = 0.25


@pytest.mark.parametrize("deed", Deed, ids=lambda deed: deed.name.lower())
def test_kit_connects_with_its_own_chip_alone(
    deed: Deed,
    chip: ChipInHand,
    running_kit: RunningKit,
    connected_kit: Presence,
    observer: Observer,
    thing: Thing,
    test_began: float,
) -> None:
    watched_s = max(WATCHED_S, 3 * (connected_kit.time - test_began))
    running_kit.hold()
    chip.do(deed)
    without_since = time.time()
    running_kit.restart()
    connected = has_connected(observer, thing, without_since, watched_s)
    running_kit.hold()
    chip.undo()
    with_since = time.time()
    running_kit.restart()
    # The control: it is the chip that was missing, and nothing else.
    observer.wait_for_presence(thing.client_id, "connected", timeout_s=CONNECTED_WITHIN_S, after=with_since)
    if connected:
        raise KitDeedError(f"the kit connected although {deed.value}", stage="connect")


def has_connected(observer: Observer, thing: Thing, since: float, watched_s: float) -> bool:
    """Return whether the kit was let in within the time."""
    end = time.monotonic() + watched_s
    while time.monotonic() < end:
        if any(one.event == "connected" and one.time > since for one in observer.presence_of(thing.client_id)):
            return True
        time.sleep(LOOK_EVERY_S)
    return False
