"""The least an identity needs: connect under its own client id, its own topics, nothing else.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-policy-actions.html
"""

import json
from typing import Final

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.things.client_identity import Topics
from kitbench.errors import UsageError

#: AWS's limit for a policy document, in characters without white space.
SIZE_MAX: Final = 2048


def least_privilege(endpoint: Endpoint, client_id: str, topics: Topics) -> str:
    """Return a policy document that allows this client id and these topics.

    Raises:
        UsageError: it would exceed AWS's limit.
    """
    rights = (
        ("iot:Connect", [f"client/{client_id}"]),
        ("iot:Publish", [f"topic/{topic}" for topic in topics.publish]),
        ("iot:Receive", [f"topic/{topic}" for topic in topics.subscribe]),
        ("iot:Subscribe", [f"topicfilter/{topic}" for topic in topics.subscribe]),
    )
    statements = [
        {"Effect": "Allow", "Action": action, "Resource": [endpoint.arn(resource) for resource in resources]}
        for action, resources in rights
        if resources
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
    if len(document) > SIZE_MAX:
        raise UsageError(
            f"policy of {client_id} is {len(document)} characters, expected at most {SIZE_MAX}: fewer topics"
        )
    return document
