"""What `devicePermissionRoleArn` stands for: during a test the device may use shadows, and retain messages.

AWS gives a device under test the rights of that role. Here it keeps those of its own policies, and gets these beside
them: a policy of the usual kind names the device's own topics alone, and a test of shadows would judge the policy.

Source: AWS IoT Core developer guide, "Device Advisor, setting up, create an IAM role to use as your device role".
"""

import json
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from kitbench.local_iot_core.policies.policy import parse_policy
from kitbench.local_iot_core.policies.registry import ARN_PREFIX, Certificate, Registry

_SHADOWS: Final = "$aws/things/*/shadow/*"
_STATEMENTS: Final = (
    ("iot:Publish", [f"topic/{_SHADOWS}"]),
    ("iot:Receive", [f"topic/{_SHADOWS}"]),
    ("iot:Subscribe", [f"topicfilter/{_SHADOWS}"]),
    # Retaining needs iot:Publish on the topic, too, which stays the device's own affair.
    ("iot:RetainPublish", ["topic/*"]),
)
_DOCUMENT: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": [ARN_PREFIX + name for name in names]}
        for action, names in _STATEMENTS
    ],
}
ROLE: Final = parse_policy("Device Advisor's device role", json.dumps(_DOCUMENT))


class DeviceRole:
    """Registries with the role; the one made last is kept, as the same snapshot is asked for many times a second."""

    def __init__(self) -> None:
        self._last: tuple[Registry, Registry] | None = None

    def granted(self, registry: Registry, is_device: Callable[[str | None], bool]) -> Registry:
        """Return a registry in which the device's certificates have the role beside their policies."""
        if self._last is None or self._last[0] is not registry:
            certificates = {
                name: _with_role(certificate) if is_device(name) else certificate
                for name, certificate in registry.certificates.items()
            }
            self._last = registry, replace(registry, certificates=MappingProxyType(certificates))
        return self._last[1]


def _with_role(certificate: Certificate) -> Certificate:
    return replace(certificate, policies=(*certificate.policies, ROLE))
