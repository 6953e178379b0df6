"""Which rules a message triggers, and what becomes of an action that fails."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from kitbench.local_iot_core.broker.events import EventKind, EventLog
from kitbench.local_iot_core.rules.action_run import ActionError, ActionRun
from kitbench.local_iot_core.rules.engine import MOST_HOPS, RulesEngine
from kitbench.local_iot_core.rules.evaluation import Occasion
from kitbench.local_iot_core.rules.rule import parse_rule

ROLE = "arn:aws:iam::000000000000:role/r"


class Services:
    """Keeps what actions ask for; a role that is named "mute" may do nothing."""

    def __init__(self) -> None:
        self.published: list[tuple[str, bytes, int]] = []
        self.items: list[tuple[str, Mapping[str, Any]]] = []
        self.called: list[tuple[Any, ...]] = []

    def allows(self, role_arn: str, action: str, resource: str) -> str:
        return f"role does not allow {action} on {resource}" if role_arn.endswith("mute") else ""

    def dynamodb(self, operation: str, request: Mapping[str, Any]) -> None:
        if request["TableName"] == "missing":
            raise ActionError("PutItem was refused: ResourceNotFoundException")
        self.items.append((operation, request))

    def put_object(self, bucket: str, key: str, acl: str, body: bytes) -> None:
        self.called.append(("s3", bucket, key, acl, body))

    def notify(self, target: str, text: str, *, is_structured: bool) -> None:
        self.called.append(("sns", target, text, is_structured))

    def enqueue(self, queue_url: str, text: str) -> None:
        self.called.append(("sqs", queue_url, text))

    def publish(self, topic: str, payload: bytes, qos: int, hops: int) -> None:
        self.published.append((topic, payload, hops))


@contextmanager
def engine_with(services: Services, *payloads: Mapping[str, Any]) -> Iterator[tuple[RulesEngine, EventLog]]:
    """Yield an engine with rules r0, r1 …; all that it took is done when the block ends."""
    events = EventLog()
    engine = RulesEngine(ActionRun(services), events)
    engine.use(tuple(parse_rule(f"r{number}", payload) for number, payload in enumerate(payloads)))
    yield engine, events
    engine.stop()


def republish(sql: str, topic: str = "out", role: str = ROLE) -> dict[str, Any]:
    return {"sql": sql, "actions": [{"republish": {"topic": topic, "roleArn": role}}], "awsIotSqlVersion": "2016-03-23"}


def test_rules_of_matching_filters_run() -> None:
    services = Services()
    with engine_with(services, republish("SELECT a FROM 'x/+'"), republish("SELECT a FROM 'y/#'")) as (engine, _):
        engine.take(Occasion("x/1", b'{"a": 1, "b": 2}'))

    assert services.published == [("out", b'{"a":1}', 1)]


def test_rule_that_is_switched_off_does_not_run() -> None:
    services = Services()
    with engine_with(services, republish("SELECT * FROM 'x'") | {"ruleDisabled": True}) as (engine, _):
        engine.take(Occasion("x", b"{}"))

    assert services.published == []


def test_basic_ingest_reaches_the_rule_it_names_without_its_prefix() -> None:
    services = Services()
    rules = (republish("SELECT topic() AS t FROM ''"), republish("SELECT topic() AS t FROM '#'"))
    with engine_with(services, *rules) as (engine, _):
        engine.take(Occasion("$aws/rules/r0/kit/1", b"{}"))

    assert services.published == [("out", b'{"t":"kit/1"}', 1)]


def test_each_key_is_a_column() -> None:
    services = Services()
    action = {"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": "readings"}}}
    sql = "SELECT clientid() AS id, t, on_, none, list, missing FROM 'x'"
    with engine_with(services, {"sql": sql, "actions": [action], "awsIotSqlVersion": "2016-03-23"}) as (engine, _):
        engine.take(Occasion("x", b'{"t": 21.50, "on_": true, "none": null, "list": [1, "a"]}', "kit-1"))

    [(operation, request)] = services.items
    assert (operation, request["TableName"]) == ("PutItem", "readings")
    assert request["Item"] == {
        "id": {"S": "kit-1"},
        "t": {"N": "21.50"},
        "on_": {"BOOL": True},
        "none": {"NULL": True},
        "list": {"L": [{"N": "1"}, {"S": "a"}]},
    }


def test_first_dynamodb_action_writes_one_column_with_keys_from_templates() -> None:
    services = Services()
    action = {
        "dynamoDB": {
            "roleArn": ROLE,
            "tableName": "t",
            "hashKeyField": "id",
            "hashKeyValue": "${topic(2)}",
            "rangeKeyField": "at",
            "rangeKeyValue": "${timestamp()}",
            "rangeKeyType": "NUMBER",
        }
    }
    with engine_with(services, {"sql": "SELECT * FROM 'x/+'", "actions": [action]}) as (engine, _):
        engine.take(Occasion("x/7", b'{"t": 1}', moment_ms=42))

    assert services.items[0][1]["Item"] == {"id": {"S": "7"}, "at": {"N": "42"}, "payload": {"M": {"t": {"N": "1"}}}}


def test_failed_action_is_recorded_and_its_error_action_hears_why() -> None:
    services = Services()
    action = {"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": "missing"}}}
    error = {"republish": {"roleArn": ROLE, "topic": "errors"}}
    with engine_with(services, {"sql": "SELECT * FROM 'x'", "actions": [action], "errorAction": error}) as (
        engine,
        events,
    ):
        engine.take(Occasion("x", b'{"id": 1}'))

    [(topic, payload, _)] = services.published
    assert topic == "errors"
    assert b"ResourceNotFoundException" in payload
    assert "ResourceNotFoundException" in str(events.of(EventKind.RULE_FAILED)[0]["reason"])


def test_role_that_may_not_publish_does_not() -> None:
    services = Services()
    with engine_with(services, republish("SELECT * FROM 'x'", role=f"{ROLE}/mute")) as (engine, events):
        engine.take(Occasion("x", b"{}"))

    assert services.published == []
    assert "does not allow iot:Publish" in str(events.of(EventKind.RULE_FAILED)[0]["reason"])


@pytest.mark.parametrize("template", ["${missing}/out", "bad/+/topic"])
def test_topic_that_cannot_be_made_fails_the_action(template: str) -> None:
    services = Services()
    with engine_with(services, republish("SELECT * FROM 'x'", topic=template)) as (engine, events):
        engine.take(Occasion("x", b"{}"))

    assert services.published == []
    assert len(events.of(EventKind.RULE_FAILED)) == 1


def test_circle_of_rules_ends() -> None:
    services = Services()
    with engine_with(services, republish("SELECT * FROM 'x'", topic="x")) as (engine, events):
        engine.take(Occasion("x", b"{}", hops=MOST_HOPS))

    assert services.published == []
    assert "circle" in str(events.of(EventKind.RULE_FAILED)[0]["reason"])


@pytest.mark.parametrize(
    ("action", "called"),
    [
        (
            {"s3": {"bucketName": "b", "key": "${topic(1)}/${a}", "cannedAcl": "public-read"}},
            ("s3", "b", "x/1", "public-read", b'{"a":1}'),
        ),
        ({"sns": {"targetArn": "arn:aws:sns:::t"}}, ("sns", "arn:aws:sns:::t", '{"a":1}', False)),
        ({"sns": {"targetArn": "t", "messageFormat": "JSON"}}, ("sns", "t", '{"a":1}', True)),
        ({"sqs": {"queueUrl": "http://h/0/q"}}, ("sqs", "http://h/0/q", '{"a":1}')),
        ({"sqs": {"queueUrl": "http://h/0/q", "useBase64": True}}, ("sqs", "http://h/0/q", "eyJhIjoxfQ==")),
    ],
)
def test_action_calls_its_service(action: dict[str, dict[str, Any]], called: tuple[Any, ...]) -> None:
    services, [(kind, parameters)] = Services(), action.items()
    rule = {"sql": "SELECT a FROM 'x'", "actions": [{kind: {"roleArn": ROLE, **parameters}}]}
    with engine_with(services, rule) as (engine, _):
        engine.take(Occasion("x", b'{"a": 1}'))

    assert services.called == [called]


@pytest.mark.parametrize("kind", ["sns", "sqs"])
def test_payload_that_is_no_text_fails_where_text_is_due(kind: str) -> None:
    services = Services()
    target = {"sns": {"targetArn": "t"}, "sqs": {"queueUrl": "http://h/0/q"}}[kind]
    rule = {"sql": "SELECT * FROM 'x'", "actions": [{kind: {"roleArn": ROLE, **target}}]}
    with engine_with(services, rule) as (engine, events):
        engine.take(Occasion("x", b"\xff"))

    assert services.called == []
    assert "payload is not text" in str(events.of(EventKind.RULE_FAILED)[0]["reason"])
