"""Mutual authentication: the cloud itself says with which certificate the kit connected."""

import time

import pytest

from kitbench import CloudError, Endpoint, NothingCameError, Observer, Presence, RunningKit, Thing, set_active

pytestmark = [pytest.mark.hardware, pytest.mark.criterion("connects")]

CONNECTED_WITHIN_S = 30.0
REFUSED_FOR_S = 5.0


def test_kit_connects_with_mutual_authentication(connected_kit: Presence, thing: Thing) -> None:
    """The kit connects with mutual authentication: the cloud names this run's client id and certificate."""
    assert connected_kit.client_id == thing.client_id
    assert connected_kit.principal == thing.identity.certificate_id, "the kit connected with another certificate"


def assert_refused(observer: Observer, thing: Thing, *, since: float) -> None:
    """Assert that the cloud does not let the kit in.

    Raises:
        CloudError: it does, and nothing that the firmware could have done is the reason.
    """
    try:
        observer.wait_for_presence(thing.client_id, "connected", timeout_s=REFUSED_FOR_S, after=since)
    except NothingCameError:
        return
    raise CloudError("the cloud let the kit in with a deactivated certificate", stage="cloud")


def test_deactivated_certificate_is_refused(
    running_kit: RunningKit, connected_kit: Presence, observer: Observer, thing: Thing, cloud: Endpoint
) -> None:
    """The same firmware is refused while its certificate is deactivated, and let in again afterwards."""
    del connected_kit  # the control: it was let in before
    running_kit.hold()
    set_active(cloud, thing.identity, active=False)
    try:
        refused_since = time.time()
        running_kit.restart()
        running_kit.expect_text("Connecting to AWS...", within_s=CONNECTED_WITHIN_S)
        # How a kit takes a refusal is its own affair: one that crashes on it is refused all the same.
        assert_refused(observer, thing, since=refused_since)
    finally:
        set_active(cloud, thing.identity, active=True)
    active_since = time.time()
    running_kit.restart()

    observer.wait_for_presence(
        thing.client_id, "connected", timeout_s=CONNECTED_WITHIN_S, after=active_since, unless=running_kit.check
    )
