"""Judge of the policies on a device's certificate; the wire is not looked at."""

from collections.abc import Iterator
from typing import Final

from kitbench.local_iot_core.device_advisor.judging.terms import Terms
from kitbench.local_iot_core.device_advisor.verdict import Verdict, failed, not_judged, passed, warned
from kitbench.local_iot_core.device_advisor.wire_log import WireLog
from kitbench.local_iot_core.policies.policy import Policy

_EVERYTHING: Final = frozenset({"*", "iot:*"})
_BARE: Final = frozenset({"*", "topic/*", "topicfilter/*", "client/*", "thing/*"})
_MEND: Final = "allow actions on the device's own topics and client id alone, by ${iot:Connection.Thing.ThingName}"


def judge_policies(_log: WireLog, terms: Terms) -> Verdict | None:
    """Look for wildcards in what the policies allow."""
    if terms.policies is None:
        reason = "the device is not known: no thing and no certificate was named"
        return not_judged(reason, "name it as the run's primaryDevice")
    if not terms.policies:
        return failed("no policy is attached to the device's certificate", "attach one")
    for policy in terms.policies:
        if (found := next(_unbounded(policy), None)) is not None:
            return failed(f"policy {policy.name!r} allows {found}", _MEND)
    wild = [policy.name for policy in terms.policies if any("*" in one for one in _resources(policy))]
    names = ", ".join(repr(policy.name) for policy in terms.policies)
    if wild:
        return warned(f"policy {wild[0]!r} has a wildcard behind a prefix", _MEND)
    return passed(f"no wildcard in what {names} allows")


def _unbounded(policy: Policy) -> Iterator[str]:
    """Yield what a policy allows without a bound, in words."""
    for statement in policy.statements:
        if statement.allows:
            yield from (f"the action {action!r}" for action in statement.actions if action in _EVERYTHING)
            yield from (f"the resource {one!r}" for one in statement.resources if _is_bare(one))


def _is_bare(resource: str) -> bool:
    """Say whether nothing but the wildcard tells one resource from another, as in ``arn:…:topic/*``."""
    return resource == "*" or resource.rpartition(":")[2] in _BARE


def _resources(policy: Policy) -> list[str]:
    return [one for statement in policy.statements if statement.allows for one in statement.resources]
