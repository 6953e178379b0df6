"""A client on the bench under a kit's own identity: shows what the policy lets its certificate and key do.

Hold the kit in reset meanwhile: a client with its client id takes its connection over.
"""

from dataclasses import dataclass
from enum import StrEnum

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.mqtt.mqtt_connection import ClosedError, MqttConnection, RefusedError
from kitbench.cloud.things.client_identity import ClientIdentity


class AttemptOutcome(StrEnum):
    """What became of a client."""

    #: It came in, everything it did was acknowledged, and it was still connected afterwards.
    CONNECTED = "connected"
    #: It was not let in, or its subscription was answered with a failure.
    REFUSED = "refused"
    #: It was let in and thrown out after what it did.
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a client did and what became of it.

    Attributes:
        outcome: see `AttemptOutcome`.
        step: the last thing it did: ``"connect"``, ``"subscribe"``, ``"publish"`` or ``"stay"``.
        detail: one line.
    """

    outcome: AttemptOutcome
    step: str
    detail: str


def attempt(  # noqa: PLR0913 - each is one thing the client may do
    endpoint: Endpoint,
    identity: ClientIdentity,
    *,
    client_id: str | None = None,
    subscribe: str | None = None,
    publish: str | None = None,
    payload: bytes = b"bench client",
    stay_s: float = 0.5,
    timeout_s: float = 10.0,
) -> Attempt:
    """Connect with an identity, optionally subscribe and publish (QoS 1), and say what happened.

    Args:
        endpoint: the broker.
        identity: certificate and key to connect with.
        client_id: by default the identity's own.
        subscribe: topic to subscribe to.
        publish: topic to publish on.
        payload: of that message.
        stay_s: how long to stay connected afterwards, since brokers may hang up a little later.
        timeout_s: the most that each step may take.

    Raises:
        CloudError: the broker was not reached or did not answer: nothing is shown.
    """
    client = client_id or identity.client_id
    steps = _Steps(subscribe, publish, payload, stay_s, timeout_s)
    result = _once(endpoint, identity, client, steps)
    if (result.outcome, result.step) == (AttemptOutcome.REFUSED, "connect"):
        # One CONNECT a second and client id: one of the kit's may have been the reason, so ask again.
        result = _once(endpoint, identity, client, steps)
    return result


@dataclass(frozen=True, slots=True)
class _Steps:
    """What a client does once it is in."""

    subscribe: str | None
    publish: str | None
    payload: bytes
    stay_s: float
    timeout_s: float


def _once(endpoint: Endpoint, identity: ClientIdentity, client_id: str, steps: _Steps) -> Attempt:
    connection = MqttConnection(endpoint, identity, client_id=client_id)
    step = "connect"
    try:
        connection.connect(steps.timeout_s)
        if steps.subscribe is not None:
            step = "subscribe"
            connection.subscribe(steps.subscribe, timeout_s=steps.timeout_s)
        if steps.publish is not None:
            step = "publish"
            connection.publish(steps.publish, steps.payload, timeout_s=steps.timeout_s)
        step = "stay"
        if connection.closed_within(steps.stay_s):
            return Attempt(AttemptOutcome.CLOSED, step, "the broker hung up")
    except RefusedError as error:
        return Attempt(AttemptOutcome.REFUSED, step, error.message)
    except ClosedError as error:
        return Attempt(AttemptOutcome.CLOSED, step, error.message)
    finally:
        connection.disconnect()
    return Attempt(AttemptOutcome.CONNECTED, step, "acknowledged")
