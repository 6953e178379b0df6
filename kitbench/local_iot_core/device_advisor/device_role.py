"""What `devicePermissionRoleArn` stands for: during a test the device may use shadows and jobs, and retain messages.

AWS gives a device under test the rights of that role. Here it keeps those of its own policies, and gets these beside
them: a policy of the usual kind names the device's own topics alone, and a test of shadows would judge the policy.

Sources: AWS IoT Core developer guide, "Device Advisor, setting up, create an IAM role to use as your device role", and
"Device Advisor, job execution" (the topics that the role must allow).
"""

import json
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from kitbench.local_iot_core.policies.policy import Policy, parse_policy
from kitbench.local_iot_core.policies.registry import ARN_PREFIX, Registry

_SERVICES: Final = ("$aws/things/*/shadow/*", "$aws/things/*/jobs/*")
_TOPIC_ACTIONS: Final = (("iot:Publish", "topic"), ("iot:Receive", "topic"), ("iot:Subscribe", "topicfilter"))


def _role(name: str, *topics: str) -> Policy:
    rights = [(action, f"{kind}/{one}") for action, kind in _TOPIC_ACTIONS for one in topics]
    # Retaining needs iot:Publish on the topic, too, which stays the device's own affair.
    rights.append(("iot:RetainPublish", "topic/*"))
    statements = [
        {"Effect": "Allow", "Action": action, "Resource": ARN_PREFIX + resource} for action, resource in rights
    ]
    return parse_policy(name, json.dumps({"Version": "2012-10-17", "Statement": statements}))


ROLE: Final = _role("Device Advisor's device role", *_SERVICES)
#: For a device whose own policy is the bench's, and says nothing of the product's topics.
WIDE_ROLE: Final = _role("Device Advisor's device role for any topic", "*")


class DeviceRole:
    """Registries with the role; the one made last is kept, as the same snapshot is asked for many times a second."""

    def __init__(self) -> None:
        self._last: tuple[int, str, Registry, Registry] | None = None

    def granted(self, registry: Registry, is_device: Callable[[str | None], bool], role: Policy = ROLE) -> Registry:
        """Return a registry in which the device's certificates have the role beside their policies."""
        if self._last is None or self._last[:2] != (id(registry), role.name):
            certificates = {
                name: replace(one, policies=(*one.policies, role)) if is_device(name) else one
                for name, one in registry.certificates.items()
            }
            # The registry stays in the tuple, so that nobody else gets its id.
            granted = replace(registry, certificates=MappingProxyType(certificates))
            self._last = id(registry), role.name, registry, granted
        return self._last[3]
