"""Judge of a device's policies."""

import pytest

from kitbench.local_iot_core.device_advisor.judging.policies import judge_policies
from kitbench.local_iot_core.device_advisor.judging.terms import Terms
from kitbench.local_iot_core.device_advisor.verdict import CaseOutcome
from kitbench.local_iot_core.device_advisor.wire_log import WireLog
from kitbench.local_iot_core.policies.policy import Policy, Statement

ARN = "arn:aws:iot:us-east-1:000000000000:"


def policy(action: str = "iot:Publish", resource: str = f"{ARN}topic/kit/up", *, allows: bool = True) -> Policy:
    return Policy("mine", (Statement(allows, (action,), (resource,)),))


@pytest.mark.parametrize(
    ("policies", "outcome"),
    [
        (None, CaseOutcome.NOT_JUDGED),
        ((), CaseOutcome.FAILED),
        ((policy(),), CaseOutcome.PASSED),
        ((policy(), policy("iot:*")), CaseOutcome.FAILED),
        ((policy(resource="*"),), CaseOutcome.FAILED),
        ((policy(resource=f"{ARN}topic/*"),), CaseOutcome.FAILED),
        ((policy(resource=f"{ARN}topic/kit/*"),), CaseOutcome.WARNED),
        ((policy(), policy("*", "*", allows=False)), CaseOutcome.PASSED),
    ],
)
def test_wildcards_in_what_is_allowed_are_told(policies: tuple[Policy, ...] | None, outcome: CaseOutcome) -> None:
    verdict = judge_policies(WireLog(), Terms(0.0, policies=policies))
    assert verdict is not None
    assert verdict.outcome is outcome
