"""What a role of moto's IAM lets AWS IoT do.

Source: AWS IoT Core developer guide, "Granting an AWS IoT rule the access it requires"; IAM user guide, "Roles".
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kitbench.local_iot_core.policies.registry import ACCOUNT


def why_not(role_arn: str, action: str, resource: str) -> str:
    """Return "" where AWS IoT may assume the role and the role may do it, else why not."""
    if problem := why_not_assumed(role_arn):
        return problem
    role = _role(role_arn)
    return _missing(_documents(role), role.name, action, resource)


def why_not_assumed(role_arn: str) -> str:
    """Return "" where there is the role and AWS IoT may assume it, else why not."""
    role = _role(role_arn)
    if role is None:
        return f"there is no role {role_arn}"
    if not _trusts_iot(role.assume_role_policy_document):
        return f"role {role.name} does not let iot.amazonaws.com assume it"
    return ""


def _role(role_arn: str) -> Any:
    from moto.iam.models import iam_backends  # noqa: PLC0415 - loaded where a role is asked for only

    return next((one for one in iam_backends[ACCOUNT]["aws"].get_roles() if one.arn == role_arn), None)


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
