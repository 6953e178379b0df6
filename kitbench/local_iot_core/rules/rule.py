"""A rule as CreateTopicRule takes it: its statement and its actions, checked. Pure.

Source: AWS IoT API reference, "TopicRulePayload", "Action", "DynamoDBAction", "DynamoDBv2Action", "RepublishAction",
"S3Action", "SnsAction", "SqsAction".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from kitbench.local_iot_core.mqtt.topic import TopicError, check_topic_filter
from kitbench.local_iot_core.rules.evaluation import OLDEST_VERSION
from kitbench.local_iot_core.rules.syntax import Query, SqlError, parse_statement
from kitbench.local_iot_core.rules.template import Template, parse_template

Json: TypeAlias = Mapping[str, Any]

VERSIONS: Final = (OLDEST_VERSION, "2016-03-23")
#: Source: AWS IoT Core quotas, "Maximum number of actions per rule".
_MOST_ACTIONS: Final = 10
#: Actions that are modelled → the parameters that they need, and those that they may have.
_PARAMETERS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "dynamoDBv2": (frozenset({"roleArn", "putItem"}), frozenset()),
    "dynamoDB": (
        frozenset({"roleArn", "tableName", "hashKeyField", "hashKeyValue"}),
        frozenset({"hashKeyType", "rangeKeyField", "rangeKeyValue", "rangeKeyType", "payloadField", "operation"}),
    ),
    "republish": (frozenset({"roleArn", "topic"}), frozenset({"qos"})),
    "s3": (frozenset({"roleArn", "bucketName", "key"}), frozenset({"cannedAcl"})),
    "sns": (frozenset({"roleArn", "targetArn"}), frozenset({"messageFormat"})),
    "sqs": (frozenset({"roleArn", "queueUrl"}), frozenset({"useBase64"})),
}


@dataclass(frozen=True, slots=True)
class Action:
    """What is done with what a rule selects.

    Attributes:
        kind: ``"dynamoDBv2"``, ``"dynamoDB"``, ``"republish"``, ``"s3"``, ``"sns"`` or ``"sqs"``.
        role_arn: the role in whose name it is done.
        templates: its parameters that are texts, by name.
        qos: of a republished message.
        use_base64: of a message to a queue.
    """

    kind: str
    role_arn: str
    templates: Mapping[str, Template]
    qos: int = 0
    use_base64: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        error_action: is done where an action fails; None for none.
    """

    name: str
    query: Query
    topic_filter: str
    version: str
    is_enabled: bool
    actions: tuple[Action, ...]
    error_action: Action | None

    @property
    def role_arns(self) -> tuple[str, ...]:
        """The roles in whose names its actions are done, each once."""
        done = (*self.actions, *([self.error_action] if self.error_action else []))
        return tuple(dict.fromkeys(action.role_arn for action in done))


def rule_payload(rule: Any) -> Json:
    """Return the `topicRulePayload` of a rule as moto keeps it."""
    return {
        "sql": rule.sql,
        "awsIotSqlVersion": rule.aws_iot_sql_version,
        "ruleDisabled": rule.rule_disabled,
        "actions": rule.actions,
        "errorAction": rule.error_action or None,
    }


def parse_rule(name: str, payload: Json) -> Rule:
    """Return the rule in a `topicRulePayload`.

    Raises:
        SqlError: AWS would refuse it.
        NotImplementedError: an action, a function or a version of SQL is not modelled.
    """
    return _parsed(name, json.dumps(payload, sort_keys=True, default=str))


@lru_cache(maxsize=256)
def _parsed(name: str, text: str) -> Rule:
    payload = json.loads(text)
    version = payload.get("awsIotSqlVersion") or OLDEST_VERSION
    if version not in VERSIONS:
        raise NotImplementedError(f"SQL version {version!r} is not modelled: {' and '.join(VERSIONS)} are")
    query = parse_statement(payload.get("sql") or "")
    actions = payload.get("actions") or []
    if not actions:
        raise SqlError("a rule needs one action at least")
    if len(actions) > _MOST_ACTIONS:
        raise SqlError(f"a rule has {len(actions)} actions, at most {_MOST_ACTIONS}")
    error_action = payload.get("errorAction")
    return Rule(
        name,
        query,
        _topic_filter(query),
        version,
        not payload.get("ruleDisabled"),
        tuple(_action(one) for one in actions),
        _action(error_action) if error_action else None,
    )


def _topic_filter(query: Query) -> str:
    """Return what the rule listens to; "" for a rule that Basic Ingest alone reaches."""
    topic_filter = query.source if isinstance(query.source, str) else ""
    if topic_filter:
        try:
            check_topic_filter(topic_filter)
        except TopicError as error:
            raise SqlError(f"FROM: {error}") from error
    return topic_filter


def _action(given: Json) -> Action:
    [(kind, parameters)] = given.items() if len(given) == 1 else [("", {})]
    if kind not in _PARAMETERS:
        raise NotImplementedError(f"rule action {kind!r} is not modelled: {', '.join(sorted(_PARAMETERS))} are")
    needed, allowed = _PARAMETERS[kind]
    if missing := sorted(needed - set(parameters)):
        raise SqlError(f"action {kind} lacks {missing[0]}")
    if unknown := sorted(set(parameters) - needed - allowed):
        raise NotImplementedError(f"{unknown[0]} of action {kind} is not modelled")
    flat = {**parameters, **(parameters.get("putItem") or {})}
    texts = {key: parse_template(value) for key, value in flat.items() if isinstance(value, str) and key != "roleArn"}
    if kind == "dynamoDBv2" and "tableName" not in texts:
        raise SqlError("action dynamoDBv2 lacks putItem.tableName")
    qos = parameters.get("qos", 0)
    if qos not in (0, 1):
        raise SqlError(f"qos of action {kind} is {qos!r}, and may be 0 or 1")
    if parameters.get("messageFormat", "RAW") not in {"RAW", "JSON"}:
        raise SqlError(f"messageFormat of action {kind} is neither RAW nor JSON")
    return Action(kind, str(parameters["roleArn"]), texts, qos, parameters.get("useBase64") is True)
