"""AWS IoT's data plane over HTTPS: messages, retained messages and shadows, for whoever signs with SigV4.

Sources: AWS IoT data plane API reference, per call; AWS IoT Core developer guide, "HTTPS", "MQTT retained messages". A
caller is an IAM principal, and may do everything of iot here, as over MQTT over WebSocket.
"""

import base64
import binascii
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from kitbench.local_iot_core.broker.events import EventKind
from kitbench.local_iot_core.broker.message_broker import MessageBroker
from kitbench.local_iot_core.broker.publishing import check_publishable
from kitbench.local_iot_core.broker.session import Message
from kitbench.local_iot_core.mqtt.mqtt_packets import Properties
from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from kitbench.local_iot_core.mqtt.topic import TopicError

T = TypeVar("T")
Json: TypeAlias = dict[str, Any]

#: Items of a page: AWS IoT data plane API reference, `maxResults`.
_MOST_RESULTS: Final = 200
#: Codes of a rejected shadow request → the error of the HTTPS API ("Device Shadow error messages").
_SHADOW_ERRORS: Final = {
    400: "InvalidRequestException",
    404: "ResourceNotFoundException",
    409: "ConflictException",
    413: "RequestEntityTooLargeException",
}


class DataPlaneError(Exception):
    """An answer that is an error of AWS's.

    Attributes:
        status: of HTTP.
        kind: the error's name, as botocore knows it.
    """

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


@dataclass(frozen=True, slots=True)
class DataPlaneCall:
    """A call as it came.

    Attributes:
        labels: parameters of the path.
        query: parameters behind the question mark, one value each.
        headers: by lower-case name.
        tag_keys: the values of `tagKeys`, the one parameter of the query that is a list.
    """

    operation: str
    labels: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    tag_keys: tuple[str, ...] = ()


class DataPlaneApi:
    """Answers calls of `iot-data` by asking the message broker.

    Args:
        ask: runs a question in the message broker's thread and returns its answer.
    """

    def __init__(self, ask: Callable[[Callable[[MessageBroker], Any]], Any]) -> None:
        self._ask = ask
        self._operations: dict[str, Callable[[DataPlaneCall, MessageBroker], Json | bytes]] = {
            "Publish": _publish,
            "GetRetainedMessage": _retained_message,
            "ListRetainedMessages": _retained_messages,
            "GetThingShadow": _shadow,
            "UpdateThingShadow": _shadow,
            "DeleteThingShadow": _shadow,
            "ListNamedShadowsForThing": _named_shadows,
        }

    def answer(self, call: DataPlaneCall) -> bytes:
        """Return the body of the answer.

        Raises:
            DataPlaneError: AWS would refuse the call.
        """
        operation = self._operations[call.operation]
        body = self._ask(lambda broker: operation(call, broker))
        return body if isinstance(body, bytes) else json.dumps(body).encode()


def _publish(call: DataPlaneCall, broker: MessageBroker) -> Json:
    topic, qos = call.labels["topic"], call.query.get("qos", "0")
    retain = call.query.get("retain", "false") == "true"
    if qos not in {"0", "1"}:
        raise DataPlaneError(400, "InvalidRequestException", f"QoS is {qos[:20]}, and may be 0 or 1")
    if len(call.body) > broker.limits.payload_size:
        why = f"payload of {len(call.body)} bytes, at most {broker.limits.payload_size}"
        raise DataPlaneError(413, "RequestEntityTooLargeException", why)
    try:
        check_publishable(topic, retain=retain)
        properties = _properties(call)
        expiry_s = float(call.query["messageExpiry"]) if "messageExpiry" in call.query else None
    except (TopicError, ValueError) as error:
        raise DataPlaneError(400, "InvalidRequestException", str(error)) from error
    expires_at = None if expiry_s is None else broker.clock() + expiry_s
    broker.events.record(EventKind.PUBLISHED, topic=topic, qos=int(qos), size=len(call.body), retain=retain)
    broker.serve(Message(topic, call.body, int(qos), retain, properties, None, expires_at))
    return {}


def _properties(call: DataPlaneCall) -> Properties:
    """Return what MQTT 5 carries beside a payload, from the headers of "Publish".

    Raises:
        ValueError: a header is not in its form.
    """
    found: dict[int, Any] = {}
    if content_type := call.query.get("contentType"):
        found[Property.CONTENT_TYPE] = content_type
    if response_topic := call.query.get("responseTopic"):
        found[Property.RESPONSE_TOPIC] = response_topic
    if indicator := call.headers.get("x-amz-mqtt5-payload-format-indicator"):
        found[Property.PAYLOAD_FORMAT_INDICATOR] = int(indicator == "UTF8_DATA")
    try:
        if correlation := call.headers.get("x-amz-mqtt5-correlation-data"):
            found[Property.CORRELATION_DATA] = base64.b64decode(correlation, validate=True)
        if encoded := call.headers.get("x-amz-mqtt5-user-properties"):
            pairs = json.loads(base64.b64decode(encoded, validate=True))
            found[Property.USER_PROPERTY] = [(str(k), str(v)) for pair in pairs for k, v in pair.items()]
    except (binascii.Error, AttributeError, TypeError) as error:
        raise ValueError("correlation data and user properties are base64") from error
    return found


def _retained_message(call: DataPlaneCall, broker: MessageBroker) -> Json:
    topic = call.labels["topic"]
    found = broker.retained.entry(topic, broker.clock())
    if found is None:
        raise DataPlaneError(404, "ResourceNotFoundException", f"no message is retained on {topic[:80]!r}")
    payload = base64.b64encode(found.message.payload).decode()
    body: Json = {"topic": topic, "payload": payload, "qos": found.message.qos, "lastModifiedTime": found.kept_ms}
    if pairs := found.message.properties.get(Property.USER_PROPERTY):
        text = json.dumps([{key: value} for key, value in _pairs(pairs)])
        body["userProperties"] = base64.b64encode(text.encode()).decode()
    return body


def _pairs(values: Any) -> Iterable[tuple[str, str]]:
    return [(str(key), str(value)) for key, value in values]


def _retained_messages(call: DataPlaneCall, broker: MessageBroker) -> Json:
    entries = [
        {"topic": one.message.topic, "payloadSize": len(one.message.payload), "qos": one.message.qos}
        | {"lastModifiedTime": one.kept_ms}
        for one in broker.retained.entries(broker.clock())
    ]
    page, token = page_of(entries, call.query.get("nextToken"), call.query.get("maxResults"))
    return {"retainedTopics": page} | token


def _shadow(call: DataPlaneCall, broker: MessageBroker) -> bytes:
    verb = {"GetThingShadow": "get", "UpdateThingShadow": "update", "DeleteThingShadow": "delete"}[call.operation]
    name = call.query.get("name")
    base = f"$aws/things/{call.labels['thingName']}/shadow{f'/name/{name}' if name else ''}"
    answer = broker.ask_shadow(Message(f"{base}/{verb}", call.body))
    if answer is None:
        raise DataPlaneError(400, "InvalidRequestException", "name of thing or shadow is not valid")
    if answer.topic.endswith("/rejected"):
        body = json.loads(answer.payload)
        kind = _SHADOW_ERRORS.get(body["code"], "InternalFailureException")
        raise DataPlaneError(body["code"], kind, body["message"])
    return answer.payload


def _named_shadows(call: DataPlaneCall, broker: MessageBroker) -> Json:
    names = broker.shadow_names(call.labels["thingName"])
    page, token = page_of(names, call.query.get("nextToken"), call.query.get("pageSize"))
    return {"results": page, "timestamp": int(time.time())} | token


def page_of(items: list[T], token: str | None, size: str | None) -> tuple[list[T], Json]:
    """Return a page, and the token of the next one where there is one."""
    try:
        start, most = int(token or 0), min(int(size or _MOST_RESULTS), _MOST_RESULTS)
    except ValueError as error:
        raise DataPlaneError(400, "InvalidRequestException", "token is not one that this service gave") from error
    if start < 0 or most < 1:
        raise DataPlaneError(400, "InvalidRequestException", "page is not valid")
    end = start + most
    return items[start:end], ({"nextToken": str(end)} if end < len(items) else {})
