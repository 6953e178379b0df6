"""What rules' actions use: moto's DynamoDB and roles, and the message broker."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kitbench.local_iot_core.policies.registry import ACCOUNT
from kitbench.local_iot_core.rules.action_run import ActionError

#: Calls DynamoDB with an operation's name and a body; returns status and body of the answer.
CallDynamodb = Callable[[str, bytes], tuple[int, bytes]]
#: Publishes topic, payload, QoS and how often rules have republished it.
Publish = Callable[[str, bytes, int, int], None]


class MotoServices:
    """The services of this process.

    Args:
        call_dynamodb: as the control plane offers it.
        publish: as the message broker's side offers it.
    """

    def __init__(self, call_dynamodb: CallDynamodb, publish: Publish) -> None:
        self._call_dynamodb = call_dynamodb
        self.publish = publish

    def dynamodb(self, operation: str, request: Mapping[str, Any]) -> None:
        """Call DynamoDB.

        Raises:
            ActionError: it refuses, in its words.
        """
        status, body = self._call_dynamodb(operation, json.dumps(request).encode())
        if status >= 400:
            error = json.loads(body)
            kind = str(error.get("__type", "")).rpartition("#")[2]
            raise ActionError(f"{operation} was refused: {kind} {error.get('message') or error.get('Message') or ''}")

    def allows(self, role_arn: str, action: str, resource: str) -> str:
        """Return "" where AWS IoT may assume the role and the role may do it, else why not."""
        from moto.iam.models import iam_backends  # noqa: PLC0415 - loaded for the first rule only

        backend = iam_backends[ACCOUNT]["aws"]
        role = next((one for one in backend.get_roles() if one.arn == role_arn), None)
        if role is None:
            return f"there is no role {role_arn}"
        if not _trusts_iot(role.assume_role_policy_document):
            return f"role {role.name} does not let iot.amazonaws.com assume it"
        return _missing(_documents(role), role.name, action, resource)


def _trusts_iot(document: str) -> bool:
    statements = json.loads(document or "{}").get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return any(one.get("Effect") == "Allow" and "iot.amazonaws.com" in _services(one) for one in listed)


def _services(statement: Mapping[str, Any]) -> list[str]:
    principal = statement.get("Principal", {})
    services = principal.get("Service", []) if isinstance(principal, dict) else []
    return [services] if isinstance(services, str) else list(services)


def _documents(role: Any) -> Iterator[str]:
    yield from role.policies.values()
    for policy in role.managed_policies.values():
        yield next(version.document for version in policy.versions if version.is_default)


def _missing(documents: Iterator[str], role: str, action: str, resource: str) -> str:
    from moto.iam.access_control import IAMPolicy, PermissionResult  # noqa: PLC0415 - as above

    results = [IAMPolicy({"policy_document": document}).is_action_permitted(action, resource) for document in documents]
    if PermissionResult.DENIED in results:
        return f"role {role} denies {action} on {resource}"
    return "" if PermissionResult.PERMITTED in results else f"role {role} does not allow {action} on {resource}"
