"""What the kit sends arrives in the cloud, and what arrives stands on its serial line.

How many messages, how long they are waited for, and what else is asked of them says the rubric's table [traffic].
"""

import secrets
import time
from typing import Final

import pytest

from kitbench import (
    Arrivals,
    KitDeedError,
    KitError,
    Meter,
    Observer,
    Presence,
    RunningKit,
    Thing,
    TrafficRules,
    await_echo,
    breach,
)

pytestmark = [pytest.mark.hardware, pytest.mark.criterion("traffic")]

WATCHED_FOR_S: Final = 4.0
FLOOD_WITHIN_S: Final = 30.0
LOOK_EVERY_S: Final = 0.25
#: How long a kit is held in reset: so many gaps between its messages, within these seconds.
HELD_FOR_GAPS: Final = 1.5
HELD_FOR_S: Final = (1.5, 15.0)
#: A nonce may come before the kit has subscribed, and QoS 0 may lose it.
NONCES: Final = 2


def test_traffic_keeps_within_the_message_budget(connected_kit: Presence, meter: Meter) -> None:
    """The kit keeps within the run's message budget, and would for half a minute more at its pace.

    It comes first: what a flood breaks besides, such as an answer that waits behind thousands of messages, follows.
    """
    del connected_kit
    before = meter.reading().total
    time.sleep(WATCHED_FOR_S)
    now = meter.reading()
    at_this_pace = (now.total - before) * FLOOD_WITHIN_S / WATCHED_FOR_S
    # Only a kit that floods is watched for so long: the budget is wide, so that floods do not end the checks before.
    until = time.monotonic() + (FLOOD_WITHIN_S if at_this_pace > now.budget - now.total else 0)
    while time.monotonic() < until and not meter.stopped:
        time.sleep(LOOK_EVERY_S)

    meter.check()


def test_messages_arrive_and_stand_on_the_serial_line(
    arrivals: Arrivals, traffic_rules: TrafficRules, clock_factor: float
) -> None:
    """What the kit sends arrives in the cloud on its topic, message by message, and stands on its serial line."""
    come = arrivals.wait_for(traffic_rules.messages)

    if traffic_rules.serial:
        # The first one may have left before the kit had subscribed, and so may never come back to it.
        arrivals.require_shown(come[1:])
    broken = breach([one.message for one in come], traffic_rules, clock_factor=clock_factor)
    assert not broken, broken


def test_kit_that_is_held_in_reset_sends_nothing(
    running_kit: RunningKit, arrivals: Arrivals, observer: Observer, thing: Thing
) -> None:
    """While the kit is held in reset nothing arrives, and afterwards messages come again: they are this kit's."""
    arrivals.wait_for(2)
    shortest_s, longest_s = HELD_FOR_S
    running_kit.hold()
    await_echo(observer, thing.topic)
    count = len(arrivals.messages())
    gone = len(observer.presence_of(thing.client_id))

    time.sleep(min(longest_s, max(shortest_s, HELD_FOR_GAPS * arrivals.longest_gap_s)))

    # When the broker notices that the kit is gone, it sends the kit's last will (MQTT 3.1.1, 3.1.2.5).
    wills = min(1, len(observer.presence_of(thing.client_id)) - gone)
    held = len(arrivals.messages()) - count
    if held > wills:
        raise KitDeedError(f"{held} messages arrived on the kit's topic while it was held in reset", stage="traffic")
    running_kit.restart()
    arrivals.wait_for(count + held + 1)


@pytest.mark.asked("nonce")
def test_nonce_from_the_cloud_appears_on_the_serial_line(
    running_kit: RunningKit, arrivals: Arrivals, observer: Observer, thing: Thing
) -> None:
    """A random word published in the cloud appears on the kit's serial line: it is this kit that listens."""
    arrivals.wait_for(1)
    for left in reversed(range(NONCES)):
        nonce = f"nonce {secrets.token_hex(8)}"
        observer.publish(thing.topic, nonce.encode())
        try:
            running_kit.expect_text(nonce, within_s=arrivals.patience_s / NONCES)
        except KitError:
            running_kit.check()
            if not left:
                raise
        else:
            return
