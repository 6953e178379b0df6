"""A lease of a fixed topic: two runs on one AWS account never use the same one at the same time.

The lease is a thing named after the topic. CreateThing with other attributes than the existing thing's is refused, so
one bench gets it; UpdateThing with an expected version lets one bench take over a lease that ran out.
Source: "CreateThing" and "UpdateThing" (expectedVersion) of the AWS IoT API reference.
"""

import random
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Final

from botocore.exceptions import ClientError

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.failure import cloud_errors, code_of
from kitbench.cloud.things.names import Run
from kitbench.errors import CloudError

_NAME: Final = re.compile(r"kitbench-lease-[0-9a-f]{16}")
_PAUSE_S: Final = 2.0
#: So that benches do not march in step.
_JITTER: Final = random.SystemRandom()
#: Codes that say that another bench was quicker.
_TAKEN: Final = ("ResourceAlreadyExistsException", "VersionConflictException", "ResourceNotFoundException")


@contextmanager
def lease(endpoint: Endpoint, run: Run, topic: str, *, hold_s: float = 900.0, wait_s: float = 1800.0) -> Iterator[None]:
    """Hold a topic alone on the account for the length of a `with` block.

    Args:
        endpoint: the account.
        run: of this bench; it names the holder.
        topic: fixed in the firmware, such as ``"test_topic/esp32"``.
        hold_s: after this time another bench may take it, in seconds.
        wait_s: the most to wait for one's turn, in seconds.

    Raises:
        CloudError: others held it all the time; the line says who and until when.
    """
    client = endpoint.client("iot")
    name = lease_name(topic)
    with cloud_errors("lease", f"take turns on topic {topic}"):
        _acquire(client, name, run, hold_s, time.monotonic() + wait_s)
    try:
        yield
    finally:
        with cloud_errors("lease", f"give topic {topic} back"):
            _release(client, name, run)


def lease_name(topic: str) -> str:
    """Return the name of the thing that stands for a topic."""
    return f"kitbench-lease-{sha256(topic.encode()).hexdigest()[:16]}"


def is_lease(name: str, attributes: Mapping[str, str], *, over_before: float) -> bool:
    """Whether a thing is a lease of ours that ran out before that second since 1970."""
    expires = attributes.get("kitbench_expires", "")
    return bool(_NAME.fullmatch(name)) and expires.isdecimal() and int(expires) < over_before


def _acquire(client: Any, name: str, run: Run, hold_s: float, end: float) -> None:
    while True:
        attributes = {"kitbench_run": run.run_id, "kitbench_expires": str(int(time.time() + hold_s))}
        holder = _try_once(client, name, attributes)
        if holder is None:
            return
        if time.monotonic() > end:
            expires, held_by = holder.get("kitbench_expires", "?"), holder.get("kitbench_run", "?")
            raise CloudError(f"lease {name} is held by run {held_by} until {expires}", stage="lease")
        time.sleep(min(_PAUSE_S, max(0.0, end - time.monotonic())) * _JITTER.uniform(0.5, 1.0))


def _try_once(client: Any, name: str, attributes: dict[str, str]) -> dict[str, str] | None:
    """Return None when the lease is ours now, else the attributes of its holder."""
    payload = {"attributes": attributes}
    try:
        client.create_thing(thingName=name, attributePayload=payload)
    except ClientError as error:
        if code_of(error) != "ResourceAlreadyExistsException":
            raise
    else:
        return None
    try:
        thing = client.describe_thing(thingName=name)
        if int(thing["attributes"].get("kitbench_expires", "0")) >= time.time():
            # A lost reply of our own creation shows as our own run here.
            is_ours = thing["attributes"].get("kitbench_run") == attributes["kitbench_run"]
            return None if is_ours else dict(thing["attributes"])
        client.update_thing(thingName=name, attributePayload=payload, expectedVersion=thing["version"])
    except ClientError as error:
        if code_of(error) not in _TAKEN:
            raise
        return {}
    return None


def _release(client: Any, name: str, run: Run) -> None:
    """Delete the lease if it is still ours; one that ran out may be another bench's by now."""
    try:
        thing = client.describe_thing(thingName=name)
        if thing["attributes"].get("kitbench_run") == run.run_id:
            client.delete_thing(thingName=name, expectedVersion=thing["version"])
    except ClientError as error:
        if code_of(error) not in _TAKEN:
            raise
