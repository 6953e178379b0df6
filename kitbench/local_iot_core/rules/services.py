"""What rules' actions use: moto's services and roles, and the message broker."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

from kitbench.local_iot_core.policies.iam_role import why_not
from kitbench.local_iot_core.rules.action_run import ActionError


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """A call of one of moto's services from within this process; `path` is percent-encoded."""

    service: str
    method: str = "POST"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


#: Makes a call; returns status and body of the answer.
CallService = Callable[[ServiceCall], tuple[int, bytes]]
#: Publishes topic, payload, QoS and how often rules have republished it.
Publish = Callable[[str, bytes, int, int], None]


class MotoServices:
    """The services of this process.

    Args:
        call: as the control plane offers it.
        publish: as the message broker's side offers it.
    """

    def __init__(self, call: CallService, publish: Publish) -> None:
        self._call = call
        self.publish = publish

    def dynamodb(self, operation: str, request: Mapping[str, Any]) -> None:
        """Call DynamoDB.

        Raises:
            ActionError: it refuses, in its words.
        """
        self._require(operation, dynamodb_call(operation, json.dumps(request).encode()))

    def put_object(self, bucket: str, key: str, acl: str, body: bytes) -> None:
        """Write an object to S3.

        Raises:
            ActionError: S3 refuses.
        """
        headers = {"x-amz-acl": acl} if acl else {}
        self._require("PutObject", ServiceCall("s3", "PUT", f"/{quote(bucket)}/{quote(key)}", headers, body))

    def notify(self, target: str, text: str, *, is_structured: bool) -> None:
        """Publish to a topic of SNS.

        Raises:
            ActionError: SNS refuses.
        """
        form = {"Action": "Publish", "Version": "2010-03-31", "TargetArn": target, "Message": text}
        form |= {"MessageStructure": "json"} if is_structured else {}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._require("Publish", ServiceCall("sns", headers=headers, body=urlencode(form).encode()))

    def enqueue(self, queue_url: str, text: str) -> None:
        """Send a message to a queue of SQS.

        Raises:
            ActionError: SQS refuses.
        """
        headers = {"X-Amz-Target": "AmazonSQS.SendMessage", "Content-Type": "application/x-amz-json-1.0"}
        body = json.dumps({"QueueUrl": queue_url, "MessageBody": text}).encode()
        self._require("SendMessage", ServiceCall("sqs", headers=headers, body=body))

    def _require(self, operation: str, call: ServiceCall) -> None:
        status, body = self._call(call)
        if status >= 400:
            raise ActionError(f"{operation} was refused: {_reason(body)}")

    def allows(self, role_arn: str, action: str, resource: str) -> str:
        """Return "" where AWS IoT may assume the role and the role may do it, else why not."""
        return why_not(role_arn, action, resource)


def dynamodb_call(operation: str, body: bytes) -> ServiceCall:
    """Return a call of DynamoDB."""
    headers = {"X-Amz-Target": f"DynamoDB_20120810.{operation}", "Content-Type": "application/x-amz-json-1.0"}
    return ServiceCall("dynamodb", headers=headers, body=body)


def _reason(body: bytes) -> str:
    """Return kind and message of an error, in JSON or in XML, in one line."""
    try:
        error = json.loads(body)
        kind, message = str(error.get("__type", "")), error.get("message") or error.get("Message")
    except ValueError:
        kind, message = (_text(body, name) for name in ("Code", "Message"))
    return f"{kind.rpartition('#')[2]} {message or ''}".strip()


def _text(body: bytes, name: str) -> str:
    """Return the text of an element of XML that moto wrote."""
    try:
        found = next((one.text for one in ET.fromstring(body).iter() if one.tag.endswith(name)), "")  # noqa: S314 - moto's
    except ET.ParseError:
        return ""
    return found or ""
