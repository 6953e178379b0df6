"""What rules' actions use: moto's DynamoDB and roles, and the message broker."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from kitbench.local_iot_core.policies.iam_role import why_not
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
        return why_not(role_arn, action, resource)
