"""The rights of a device under test beside its own policies."""

from types import MappingProxyType

from kitbench.local_iot_core.device_advisor.device_role import ROLE, WIDE_ROLE, DeviceRole
from kitbench.local_iot_core.policies.registry import Certificate, Registry


def test_only_the_device_gets_the_role_and_the_same_snapshot_is_made_once() -> None:
    certificates = {name: Certificate(name, "ACTIVE") for name in ("device", "other")}
    registry, role = Registry(MappingProxyType(certificates)), DeviceRole()

    granted = role.granted(registry, lambda name: name == "device")

    assert granted.certificates["device"].policies == (ROLE,)
    assert granted.certificates["other"].policies == ()
    assert role.granted(registry, lambda name: name == "device") is granted
    assert role.granted(registry, lambda _name: True, WIDE_ROLE).certificates["other"].policies == (WIDE_ROLE,)
