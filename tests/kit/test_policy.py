"""The policy gives the kit its own topic and nothing else."""

import secrets

import pytest

from kitbench import AttemptOutcome, Endpoint, RunningKit, Thing, attempt

pytestmark = [pytest.mark.hardware, pytest.mark.variants("embedded_key")]


def test_policy_refuses_a_foreign_topic(running_kit: RunningKit, cloud: Endpoint, thing: Thing) -> None:
    """With the kit's own certificate and key, a foreign topic is refused; its own topic is accepted."""
    running_kit.hold()  # one client id, one connection: the kit must not take it back

    own = attempt(cloud, thing.identity, publish=thing.topic)
    foreign = attempt(cloud, thing.identity, publish=f"kitbench/foreign/{secrets.token_hex(4)}")

    assert own.outcome is AttemptOutcome.CONNECTED, f"the control failed, the kit's own topic: {own.detail}"
    assert foreign.outcome is AttemptOutcome.CLOSED, f"a foreign topic was accepted: {foreign.detail}"
