"""Mutual authentication, the kit's half: the cloud itself says with which certificate the kit connected."""

import time
from typing import Final

import pytest

from kitbench import (
    CloudError,
    Endpoint,
    KitDeedError,
    KitError,
    Observer,
    Presence,
    RunningKit,
    Thing,
    Wire,
    set_active,
    tells_refusals,
    wait_for_refusal,
)

pytestmark = [pytest.mark.hardware, pytest.mark.criterion("connects")]

CONNECTED_WITHIN_S: Final = 30.0
#: How long a kit is waited for that has connected before: three times as long as it took then, and so long at least.
ATTEMPT_WITHIN_S: Final = 10.0
TIMES_THE_FIRST: Final = 3.0
LOOK_EVERY_S: Final = 0.25


def test_kit_connects_with_mutual_authentication(connected_kit: Presence, thing: Thing) -> None:
    """The kit connects with mutual authentication: the cloud names this run's client id and certificate."""
    assert connected_kit.client_id == thing.client_id
    if connected_kit.principal != thing.identity.certificate_id:
        raise KitDeedError("the kit connected with another certificate", stage="connect")


def test_deactivated_certificate_is_refused(
    running_kit: RunningKit,
    connected_kit: Presence,
    observer: Observer,
    thing: Thing,
    cloud: Endpoint,
    wire: Wire,
    test_began: float,
) -> None:
    """The same firmware tries and is refused while its certificate is deactivated, and is let in again afterwards."""
    first_s = connected_kit.time - test_began  # the control: it was let in before
    patience_s = max(ATTEMPT_WITHIN_S, TIMES_THE_FIRST * first_s)
    running_kit.hold()
    set_active(cloud, thing.identity, active=False)
    try:
        since = time.time()
        running_kit.restart()
        # How a kit takes a refusal is its own affair: one that crashes on it is refused all the same.
        was_seen = is_refused(observer, cloud, wire, thing, since=since, patience_s=patience_s)
    finally:
        set_active(cloud, thing.identity, active=True)
    active_since = time.time()
    running_kit.restart()
    observer.wait_for_presence(
        thing.client_id,
        "connected",
        timeout_s=max(CONNECTED_WITHIN_S, patience_s),
        after=active_since,
        unless=running_kit.check,
    )
    if not was_seen:
        # A cloud that keeps quiet about whom it refuses: then only who is on the way knows whether the kit tried.
        wire.require_passage(after=test_began)
        raise did_not_try(patience_s)


def is_refused(
    observer: Observer, cloud: Endpoint, wire: Wire, thing: Thing, *, since: float, patience_s: float
) -> bool:
    """Return whether an attempt of the kit's was seen to be refused; False where the cloud does not tell.

    Raises:
        CloudError: the cloud lets the kit in, and nothing that the firmware could have done is the reason.
        KitError: the kit did not try.
    """

    def require_outside() -> None:
        if any(one.event == "connected" and one.time > since for one in observer.presence_of(thing.client_id)):
            raise CloudError("the cloud let the kit in with a deactivated certificate", stage="cloud")

    if not tells_refusals(cloud):
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            require_outside()
            if any(one.event == "connect_failed" and one.time > since for one in observer.presence_of(thing.client_id)):
                return True
            time.sleep(LOOK_EVERY_S)
        # Where the bench is on the way to a silent cloud, it sees the attempts itself.
        return wire.relay is not None and wire.relay.attempts(after=since) > 0
    certificate = thing.identity.certificate_id
    if wait_for_refusal(cloud, certificate_id=certificate, after=since, timeout_s=patience_s, unless=require_outside):
        return True
    raise did_not_try(patience_s)


def did_not_try(patience_s: float) -> KitError:
    """Return that the kit made no attempt that anybody could have refused."""
    reason = f"the kit did not try to connect within {patience_s:.0f} s of a restart, so that nobody could refuse it"
    return KitError(reason, stage="connect")
