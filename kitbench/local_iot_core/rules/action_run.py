"""Doing what a rule's action says, in the name of its role.

Source: AWS IoT Core developer guide, "DynamoDB", "DynamoDBv2", "Republish", "S3", "SNS", "SQS", "Granting an AWS IoT
rule the access it requires".
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from kitbench.local_iot_core.mqtt.topic import TopicError, check_topic_name
from kitbench.local_iot_core.policies.registry import ACCOUNT, REGION
from kitbench.local_iot_core.rules.attribute_value import attribute_value, attributes
from kitbench.local_iot_core.rules.evaluation import Occasion
from kitbench.local_iot_core.rules.rule import Action
from kitbench.local_iot_core.rules.value import Value, to_decimal, to_json


class ActionError(Exception):
    """An action that failed; the text says why, in one line."""


class Services(Protocol):
    """The services that actions use."""

    def allows(self, role_arn: str, action: str, resource: str) -> str:
        """Return "" where AWS IoT may assume the role and the role may do it, else why not."""

    def dynamodb(self, operation: str, request: Mapping[str, Any]) -> None:
        """Call DynamoDB; raise ActionError with its words where it refuses."""

    def put_object(self, bucket: str, key: str, acl: str, body: bytes) -> None:
        """Write an object to S3, with a canned ACL unless it is ""; raise ActionError where S3 refuses."""

    def notify(self, target: str, text: str, *, is_structured: bool) -> None:
        """Publish to a topic of SNS, a text or JSON with a text per protocol; raise ActionError where SNS refuses."""

    def enqueue(self, queue_url: str, text: str) -> None:
        """Send a message to a queue of SQS; raise ActionError where SQS refuses."""

    def publish(self, topic: str, payload: bytes, qos: int, hops: int) -> None:
        """Publish a message that rules have republished `hops` times now."""


@dataclass(frozen=True, slots=True)
class ActionRun:
    """Runs actions on services."""

    services: Services

    def run(self, action: Action, selected: Value, occasion: Occasion) -> None:
        """Do what an action says with what a rule selected.

        Raises:
            ActionError: it failed.
            SqlError: a substitution template has no value for this message.
        """
        filled = {key: template.fill(occasion) for key, template in action.templates.items()}
        if action.kind == "republish":
            self._republish(action, filled["topic"], selected, occasion.hops + 1)
        else:
            _KINDS[action.kind](self, action, filled, selected)

    def _dynamodb_v2(self, action: Action, filled: Mapping[str, str], selected: Value) -> None:
        if not isinstance(selected, dict):
            raise ActionError("dynamoDBv2 needs a JSON object: each of its keys is a column")
        self._put(action, filled["tableName"], attributes(selected))

    def _dynamodb(self, action: Action, filled: Mapping[str, str], selected: Value) -> None:
        item = {filled["hashKeyField"]: _key(filled["hashKeyValue"], filled.get("hashKeyType", "STRING"))}
        if "rangeKeyField" in filled and "rangeKeyValue" in filled:
            item[filled["rangeKeyField"]] = _key(filled["rangeKeyValue"], filled.get("rangeKeyType", "STRING"))
        operation = filled.get("operation", "INSERT")
        if operation == "DELETE":
            self._may(action, "dynamodb:DeleteItem", filled["tableName"])
            self.services.dynamodb("DeleteItem", {"TableName": filled["tableName"], "Key": item})
        elif operation in {"INSERT", "UPDATE"}:
            item[filled.get("payloadField", "payload")] = attribute_value(selected)
            self._put(action, filled["tableName"], item)
        else:
            raise ActionError(f"operation is {operation[:20]!r}, and may be INSERT, UPDATE or DELETE")

    def _put(self, action: Action, table: str, item: Mapping[str, Any]) -> None:
        self._may(action, "dynamodb:PutItem", table)
        self.services.dynamodb("PutItem", {"TableName": table, "Item": item})

    def _may(self, action: Action, what: str, table: str) -> None:
        self._require(action, what, f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}")

    def _require(self, action: Action, what: str, resource: str) -> None:
        if problem := self.services.allows(action.role_arn, what, resource):
            raise ActionError(problem)

    def _republish(self, action: Action, topic: str, selected: Value, hops: int) -> None:
        topic = topic[1:] if topic.startswith("$$") else topic
        try:
            check_topic_name(topic)
        except TopicError as error:
            raise ActionError(str(error)) from error
        self._require(action, "iot:Publish", f"arn:aws:iot:{REGION}:{ACCOUNT}:topic/{topic}")
        self.services.publish(topic, _payload(selected), action.qos, hops)

    def _s3(self, action: Action, filled: Mapping[str, str], selected: Value) -> None:
        bucket, key = filled["bucketName"], filled["key"]
        self._require(action, "s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")
        self.services.put_object(bucket, key, filled.get("cannedAcl", ""), _payload(selected))

    def _sns(self, action: Action, filled: Mapping[str, str], selected: Value) -> None:
        target, is_structured = filled["targetArn"], filled.get("messageFormat") == "JSON"
        self._require(action, "sns:Publish", target)
        self.services.notify(target, _text(selected), is_structured=is_structured)

    def _sqs(self, action: Action, filled: Mapping[str, str], selected: Value) -> None:
        url = filled["queueUrl"]
        self._require(action, "sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{url.rpartition('/')[2]}")
        payload = _payload(selected)
        self.services.enqueue(url, base64.b64encode(payload).decode() if action.use_base64 else _text(selected))


def _payload(selected: Value) -> bytes:
    return selected if isinstance(selected, bytes) else to_json(selected).encode()


def _text(selected: Value) -> str:
    try:
        return _payload(selected).decode()
    except UnicodeDecodeError as error:
        raise ActionError("payload is not text of UTF-8") from error


def _key(text: str, kind: str) -> dict[str, str]:
    if kind != "NUMBER":
        return {"S": text}
    if not isinstance(to_decimal(text), int) and not text.replace(".", "", 1).lstrip("-").isdecimal():
        raise ActionError(f"key {text[:40]!r} is no number")
    return {"N": text}


_KINDS: Final[Mapping[str, Callable[[ActionRun, Action, Mapping[str, str], Value], None]]] = {
    "dynamoDB": ActionRun._dynamodb,  # noqa: SLF001 - its own
    "dynamoDBv2": ActionRun._dynamodb_v2,  # noqa: SLF001 - its own
    "s3": ActionRun._s3,  # noqa: SLF001 - its own
    "sns": ActionRun._sns,  # noqa: SLF001 - its own
    "sqs": ActionRun._sqs,  # noqa: SLF001 - its own
}
