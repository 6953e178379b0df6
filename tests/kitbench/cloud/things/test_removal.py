"""Removal may be repeated, waits in vain only so long, and takes only what it is told."""

from collections.abc import Callable
from typing import Any

import pytest

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.things.removal import Removal
from kitbench.errors import CloudError

_DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}]}'


@pytest.mark.parametrize(("kind", "name"), [("certificate", "ab" * 32), ("policy", "gone"), ("thing", "gone")])
def test_what_is_gone_is_a_success(endpoint: Endpoint, iot: Any, kind: str, name: str) -> None:
    getattr(Removal(endpoint, iot), kind)(name)


def test_thing_lets_its_certificate_go(endpoint: Endpoint, iot: Any) -> None:
    removal = Removal(endpoint, iot)
    certificate = iot.create_keys_and_certificate(setAsActive=True)
    iot.create_thing(thingName="removal-test")
    iot.attach_thing_principal(thingName="removal-test", principal=certificate["certificateArn"])

    removal.thing("removal-test")

    description = iot.describe_certificate(certificateId=certificate["certificateId"])["certificateDescription"]
    assert description["status"] == "ACTIVE"
    removal.certificate(certificate["certificateId"])


def test_policy_lets_its_targets_go(endpoint: Endpoint, iot: Any) -> None:
    removal = Removal(endpoint, iot)
    certificate = iot.create_keys_and_certificate(setAsActive=True)
    iot.create_policy(policyName="removal-test", policyDocument=_DOCUMENT)
    iot.attach_policy(policyName="removal-test", target=certificate["certificateArn"])

    removal.policy("removal-test")

    assert iot.list_attached_policies(target=certificate["certificateArn"])["policies"] == []
    removal.certificate(certificate["certificateId"])


def test_only_what_may_still_change_is_waited_for(
    endpoint: Endpoint, iot: Any, inject: Callable[..., Any], fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    iot.create_thing(thingName="removal-test")
    pauses: list[float] = []
    monkeypatch.setattr("kitbench.cloud.things.removal._sleep", pauses.append)
    denied = inject("DeleteThing", fault.DENIED, times=1)
    removal = Removal(endpoint, endpoint.client("iot"), patience_s=3600)

    with pytest.raises(CloudError, match="cannot delete thing removal-test: AccessDeniedException"):
        removal.thing("removal-test")

    assert (denied.hits, pauses) == (1, [])
    removal.thing("removal-test")


def test_what_aws_still_detaches_is_waited_for(
    endpoint: Endpoint, iot: Any, inject: Callable[..., Any], fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    iot.create_thing(thingName="removal-test")
    pauses: list[float] = []
    monkeypatch.setattr("kitbench.cloud.things.removal._sleep", pauses.append)
    conflict = inject("DeleteThing", fault.CONFLICT, times=3)

    Removal(endpoint, endpoint.client("iot"), patience_s=3600).thing("removal-test")

    assert conflict.hits == len(pauses) == 3
    assert 0 < pauses[0] <= 0.25 < pauses[2] * 2 <= 2  # twice as long each time, with jitter


def test_patience_ends_with_one_line(endpoint: Endpoint, iot: Any, inject: Callable[..., Any], fault: Any) -> None:
    iot.create_thing(thingName="removal-test")
    injection = inject("DeleteThing", fault.CONFLICT, times=99)
    hurried = Removal(endpoint, endpoint.client("iot"), patience_s=0.1)

    with pytest.raises(CloudError, match="cannot delete thing removal-test: DeleteConflictException"):
        hurried.thing("removal-test")

    injection.times = 0
    hurried.thing("removal-test")
