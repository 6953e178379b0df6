"""Takes a run's rule, table and role out of the account; what is already gone is a success."""

from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.failure import cloud_errors, code_of
from kitbench.cloud.rule_to_table.names import ROLE_POLICY

#: What DynamoDB and IAM say of what does not exist; AWS IoT tells nobody whether a rule does (Unauthorized).
_GONE: Final = frozenset(
    {"ResourceNotFoundException", "NoSuchEntity", "NoSuchEntityException", "UnauthorizedException"}
)


def remove_rule(endpoint: Endpoint, name: str) -> None:
    """Delete a rule."""
    with cloud_errors("deprovision", f"delete rule {name}"):
        _done(endpoint.client("iot").delete_topic_rule, ruleName=name)


def remove_table(endpoint: Endpoint, name: str) -> None:
    """Delete a table with its rows."""
    with cloud_errors("deprovision", f"delete table {name}"):
        _done(endpoint.client("dynamodb").delete_table, TableName=name)


def remove_role(endpoint: Endpoint, name: str) -> None:
    """Delete a role with its policies."""
    client = endpoint.client("iam")
    with cloud_errors("deprovision", f"delete role {name}"):
        _done(client.delete_role_policy, RoleName=name, PolicyName=ROLE_POLICY)
        _done(client.delete_role, RoleName=name)


def _done(call: Callable[..., Any], **arguments: str) -> None:
    """Make a call; what it is about may be gone already."""
    try:
        call(**arguments)
    except ClientError as error:
        if code_of(error) not in _GONE:
            raise
