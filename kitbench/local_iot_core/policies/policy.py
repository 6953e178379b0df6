"""AWS IoT Core policy documents: reading them, and deciding. Pure.

Sources: AWS IoT Core developer guide, "AWS IoT Core policies", "AWS IoT Core policy actions", "AWS IoT Core action
resources", "AWS IoT Core policy variables"; IAM user guide, "Policy evaluation logic".
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from kitbench.local_iot_core.policies.policy_condition import Condition, ConditionError, holds, parse_conditions
from kitbench.local_iot_core.policies.wildcard import Pattern

#: Characters of a policy document. Source: AWS IoT Core quotas, "Policy document size", white space not counted.
MAXIMUM_DOCUMENT_SIZE: Final = 2048
VERSIONS: Final = ("2012-10-17", "2008-10-17")
_STATEMENT_KEYS: Final = frozenset({"Sid", "Effect", "Action", "Resource", "Condition"})

#: Policy variable → value, such as ``{"iot:ClientId": "kit-1"}``; what is not there does not resolve.
Variables: TypeAlias = Mapping[str, str]
#: Key of a condition → its values, such as ``{"iot:ConnectAttributes": ("LastWill",)}``.
ValueSets: TypeAlias = Mapping[str, tuple[str, ...]]


class PolicyError(ValueError):
    """A document that CreatePolicy refuses with MalformedPolicyException; the text says why."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, as written: variables are not replaced yet."""

    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document that CreatePolicy takes."""

    name: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an action may be done, and why (not) in one line; explicit when a statement says so."""

    allowed: bool
    reason: str
    is_explicit: bool = True


@lru_cache(maxsize=4096)
def parse_policy(name: str, document: str) -> Policy:
    """Return the policy in `document`.

    Raises:
        PolicyError: AWS would refuse it.
    """
    size = sum(not character.isspace() for character in document)
    if size > MAXIMUM_DOCUMENT_SIZE:
        raise PolicyError(f"policy has {size} characters, at most {MAXIMUM_DOCUMENT_SIZE}")
    try:
        tree = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise PolicyError("policy is not JSON") from error
    if not isinstance(tree, dict):
        raise PolicyError("policy is not a JSON object")
    if tree.get("Version", VERSIONS[0]) not in VERSIONS:
        raise PolicyError(f"policy version is none of {', '.join(VERSIONS)}")
    if unknown := sorted(set(tree) - {"Version", "Id", "Statement"}):
        raise PolicyError(f"policy has an unknown element {unknown[0][:40]!r}")
    statements = tree.get("Statement")
    listed = [statements] if isinstance(statements, dict) else statements
    if not isinstance(listed, list) or not listed:
        raise PolicyError("policy has no statement")
    return Policy(name, tuple(_parse_statement(item) for item in listed))


def _parse_statement(tree: Any) -> Statement:
    if not isinstance(tree, dict):
        raise PolicyError("statement is not a JSON object")
    if unknown := sorted(set(tree) - _STATEMENT_KEYS):
        raise PolicyError(f"statement has an unknown element {unknown[0][:40]!r}")
    effect = tree.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError("effect of a statement is neither 'Allow' nor 'Deny'")
    actions = _strings(tree, "Action")
    for action in actions:
        if action != "*" and not action.lower().startswith("iot:"):
            raise PolicyError(f"action {action[:80]!r} is not one of iot")
    resources = _strings(tree, "Resource")
    for resource in resources:
        if resource != "*" and not resource.startswith("arn:"):
            raise PolicyError(f"resource {resource[:80]!r} is no ARN")
    try:
        conditions = parse_conditions(tree.get("Condition", {}))
    except ConditionError as error:
        raise PolicyError(str(error)) from error
    return Statement(effect == "Allow", actions, resources, conditions)


def _strings(tree: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = tree.get(key)
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(isinstance(item, str) and item for item in values):
        raise PolicyError(f"statement has no {key}")
    return tuple(values)


@dataclass(frozen=True, slots=True)
class _BoundStatement:
    allows: bool
    actions: tuple[Pattern, ...]
    resources: tuple[Pattern, ...]
    policy_name: str

    def covers(self, action: str, resource: str) -> bool:
        return any(p.matches(action.lower()) for p in self.actions) and any(p.matches(resource) for p in self.resources)


class Authorizer:
    """Policies bound to one connection: its variables are replaced and its conditions judged once, not per packet.

    Args:
        policies: those attached to the principal; no policy allows nothing.
        variables: of the connection.
        sets: keys of conditions with several values.
    """

    #: Decisions remembered per connection; topics are the client's choice, so the memory is bounded.
    REMEMBERED: Final = 1024

    def __init__(self, policies: Iterable[Policy], variables: Variables, sets: ValueSets | None = None) -> None:
        bound = [
            _bind(policy, statement, variables, sets or {}) for policy in policies for statement in policy.statements
        ]
        self._statements = [statement for statement in bound if statement is not None]
        self._decisions: dict[tuple[str, str], Decision] = {}

    def decide(self, action: str, resource: str) -> Decision:
        """Return whether `action` (``"iot:Publish"``) on `resource` (an ARN) is allowed: Deny, then Allow, else no."""
        key = (action, resource)
        if (decision := self._decisions.get(key)) is None:
            decision = self._evaluate(action, resource)
            if len(self._decisions) >= self.REMEMBERED:
                self._decisions.clear()
            self._decisions[key] = decision
        return decision

    def _evaluate(self, action: str, resource: str) -> Decision:
        covering = [statement for statement in self._statements if statement.covers(action, resource)]
        for statement in covering:
            if not statement.allows:
                return Decision(allowed=False, reason=f"policy {statement.policy_name} denies {action} on {resource}")
        if covering:
            return Decision(allowed=True, reason=f"policy {covering[0].policy_name} allows {action} on {resource}")
        return Decision(allowed=False, reason=f"no policy allows {action} on {resource}", is_explicit=False)


def _bind(policy: Policy, statement: Statement, variables: Variables, sets: ValueSets) -> _BoundStatement | None:
    """Return the statement for this connection; None when its conditions do not hold."""
    if not all(holds(condition, variables, sets) for condition in statement.conditions):
        return None
    resources = (Pattern.bind(resource, variables) for resource in statement.resources)
    return _BoundStatement(
        allows=statement.allows,
        actions=tuple(Pattern.literal_wildcards(action.lower()) for action in statement.actions),
        resources=tuple(pattern for pattern in resources if pattern is not None),
        policy_name=policy.name,
    )
