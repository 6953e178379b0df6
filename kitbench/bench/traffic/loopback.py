"""The observer hears itself.

A message that went to the cloud and back shows that the cloud answers, and that what was published before it has come.
"""

import secrets

from kitbench.cloud.billing.meter import BudgetExceededError
from kitbench.cloud.mqtt.observer import Observer
from kitbench.errors import KitbenchError

ECHO_WITHIN_S = 10.0


def await_echo(observer: Observer, topic: str) -> None:
    """Publish a probe and wait until it comes back.

    Raises:
        CloudError, KitError: it does not.
    """
    probe = f"kitbench probe {secrets.token_hex(6)}".encode()
    mark = observer.mark()
    observer.publish(topic, probe)
    observer.wait_for(lambda m: m.payload == probe, what="the bench's own probe", timeout_s=ECHO_WITHIN_S, after=mark)


def hears_itself(observer: Observer, topic: str) -> bool:
    """Say whether the cloud answers."""
    try:
        await_echo(observer, topic)
    except BudgetExceededError:
        # The cloud acknowledged the probe; the meter ended the wait for its echo, as a flood had stopped the run.
        return True
    except KitbenchError:
        return False
    return True
