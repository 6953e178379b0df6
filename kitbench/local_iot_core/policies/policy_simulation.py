"""TestAuthorization: what the policy engine would decide, and by which policies. Pure.

Source: AWS IoT API reference, "TestAuthorization", "AuthInfo", "AuthResult".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from kitbench.local_iot_core.policies.policy import Authorizer, parse_policy
from kitbench.local_iot_core.policies.registry import ARN_PREFIX

Json: TypeAlias = dict[str, Any]

#: `actionType` of a question → the action of a policy.
_ACTIONS: Final = {
    "CONNECT": "iot:Connect",
    "PUBLISH": "iot:Publish",
    "SUBSCRIBE": "iot:Subscribe",
    "RECEIVE": "iot:Receive",
}


@dataclass(frozen=True, slots=True)
class AuthorizationQuestion:
    """May a client do these things?

    Attributes:
        documents: name of a policy → its document.
        client_id: for ``${iot:ClientId}``; "" when nobody said.
        questions: AWS's `authInfos`: an `actionType` and `resources` each.
    """

    documents: Mapping[str, str]
    client_id: str
    questions: Sequence[Json]


def simulate(question: AuthorizationQuestion, variables: Mapping[str, str]) -> list[Json]:
    """Return AWS's `authResults`, one for each question; all resources of one must be allowed."""
    known = dict(variables) | ({"iot:ClientId": question.client_id} if question.client_id else {})
    policies = [parse_policy(name, document) for name, document in sorted(question.documents.items())]
    return [_result(info, policies, known) for info in question.questions]


def _result(info: Json, policies: Sequence[Any], variables: Mapping[str, str]) -> Json:
    action, resources = _ACTIONS[info["actionType"]], info["resources"]
    whole = Authorizer(policies, variables)
    decisions = [whole.decide(action, resource) for resource in resources]
    allowing = [p for p in policies if all(_alone(p, variables, action, resource) for resource in resources)]
    denying = [p for p in policies if any(_denies(p, variables, action, resource) for resource in resources)]
    decision = "ALLOWED" if all(one.allowed for one in decisions) else "EXPLICIT_DENY" if denying else "IMPLICIT_DENY"
    return {
        "authInfo": info,
        "allowed": {"policies": [_named(policy.name) for policy in allowing]},
        "denied": {
            "implicitDeny": {"policies": [_named(p.name) for p in policies if p not in allowing and p not in denying]},
            "explicitDeny": {"policies": [_named(policy.name) for policy in denying]},
        },
        "authDecision": decision,
        "missingContextValues": [] if "iot:ClientId" in variables else ["iot:ClientId"],
    }


def _alone(policy: Any, variables: Mapping[str, str], action: str, resource: str) -> bool:
    return Authorizer([policy], variables).decide(action, resource).allowed


def _denies(policy: Any, variables: Mapping[str, str], action: str, resource: str) -> bool:
    decision = Authorizer([policy], variables).decide(action, resource)
    return not decision.allowed and decision.is_explicit


def _named(name: str) -> Json:
    return {"policyName": name, "policyArn": f"{ARN_PREFIX}policy/{name}"}
