"""Makes table, role and rule for the length of a `with` block: the ledger first, and all gone at the end.

The statement is the student's, letter by letter, and so are the parameters of the actions that write rows; what is the
run's own is the name of rule and table, the role, and an error action that says on a topic why an action failed.
Source: "TopicRulePayload" of the AWS IoT API reference; "CreateTable" of DynamoDB's; IAM's "CreateRole".
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError, WaiterError

from kitbench.cloud.billing.meter import Meter
from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.failure import cloud_errors, code_of
from kitbench.cloud.rule_to_table.names import ROLE, ROLE_POLICY, error_topic, rule_name
from kitbench.cloud.things.ledger import Kind, Ledger
from kitbench.cloud.things.recovery import settle
from kitbench.errors import CloudError, GapError, KitError
from kitbench.rule_and_table import ROW_ACTIONS, RULE_FILE, TABLE_FILE, HandedInRule, HandedInTable, Json

_STAGE: Final = "rule"
#: What AWS says of a statement or a definition that is wrong in itself.
_REFUSED: Final = frozenset({"SqlParseException", "InvalidRequestException", "ValidationException"})
#: In the local IoT core's words for what it lacks; AWS says no such thing.
_GAP: Final = "is not modelled"
#: What AWS IoT says of a role that IAM has not told it of yet; the role is the run's own, and no student's doing.
_UNKNOWN_ROLE: Final = "sts:AssumeRole"
#: How long that may take, and how often it is tried, in seconds.
_ROLE_PATIENCE_S: Final = 60.0
_TRY_EVERY_S: Final = 2.0
_MOST_ROWS: Final = 1000
#: Where a statement says which topic; what stands behind it is its condition. Inner queries have no topic in quotes.
_SOURCE: Final = re.compile(r"\bFROM\s+['\"]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MadeRule:
    """A rule that is there, with its table.

    Attributes:
        error_topic: where it says why an action failed.
        name: the run's, of the rule.
        payload: as CreateTopicRule took it.
    """

    endpoint: Endpoint
    rule: HandedInRule
    table: HandedInTable
    table_name: str
    error_topic: str
    name: str
    payload: Json

    def listen_to(self, topic: str) -> None:
        """Have what the statement selects of a topic's messages written, every one of them, whatever it says of topics.

        From then on nothing of the rule shows that it is triggered.

        Raises:
            KitError: AWS refuses the statement.
            CloudError: AWS IoT refuses the bench or cannot be reached.
        """
        payload = {**self.payload, "sql": on_topic(self.rule.sql, topic), "ruleDisabled": False}
        with cloud_errors(_STAGE, f"replace rule {self.name}"), _refused_by("AWS IoT", RULE_FILE):
            self.endpoint.client("iot").replace_topic_rule(ruleName=self.name, topicRulePayload=payload)

    def rows(self) -> list[dict[str, Any]]:
        """Return the table's rows, a thousand at most: attribute → value.

        Raises:
            CloudError: DynamoDB refuses or cannot be reached.
        """
        client, reader = self.endpoint.client("dynamodb"), TypeDeserializer()
        with cloud_errors(_STAGE, f"read table {self.table_name}"):
            items = client.scan(TableName=self.table_name, Limit=_MOST_ROWS, ConsistentRead=True)["Items"]
        return [{name: reader.deserialize(value) for name, value in item.items()} for item in items]


def on_topic(sql: str, topic: str) -> str:
    """Return a statement for another topic, without its condition: the shape of its rows is the same."""
    selected = _SOURCE.split(sql, maxsplit=1)[0].rstrip().rstrip(";")
    return f"{selected} FROM '{topic}'"


@contextmanager
def make_rule(
    endpoint: Endpoint, ledger: Ledger, rule: HandedInRule, table: HandedInTable, *, meter: Meter | None = None
) -> Iterator[MadeRule]:
    """Yield the rule, its table and its role made; afterwards they are gone.

    Raises:
        KitError: what was handed in writes no rows into that table, or AWS refuses it.
        GapError: the local IoT core lacks what the rule uses.
        CloudError: the cloud refuses the bench or cannot be reached.
    """
    actions = _own_actions(rule, table, ledger.run.name(ROLE), _role_arn(endpoint, ledger.run.name(ROLE)))
    making = _Making(endpoint, ledger, meter)
    try:
        making.make_table(table)
        making.make_role()
        payload = making.make_rule(rule, actions)
        own = (making.name, error_topic(ledger.run), rule_name(ledger.run))
        yield MadeRule(endpoint, rule, table, *own, payload)
    finally:
        settle(endpoint, ledger, endpoint.client("iot"), name=making.name)


def _own_actions(rule: HandedInRule, table: HandedInTable, name: str, role_arn: str) -> list[Json]:
    """Return the actions that write rows, for the run's table and role.

    Raises:
        KitError: there is none, or one writes into another table.
    """
    actions = [action for action in rule.actions if any(kind in action for kind in ROW_ACTIONS)]
    if not actions:
        found = ", ".join(sorted({kind for action in rule.actions for kind in action})) or "none"
        raise KitError(f"{RULE_FILE} has no action that writes into DynamoDB (actions: {found[:80]})", stage=_STAGE)
    for written in rule.row_tables:
        if written != table.name:
            other = f"writes into the table {written[:60]!r}, but {TABLE_FILE} is of {table.name[:60]!r}"
            raise KitError(f"{RULE_FILE} {other}", stage=_STAGE)
    return [_renamed(action, name, role_arn) for action in actions]


def _renamed(action: Json, name: str, role_arn: str) -> Json:
    if isinstance(parameters := action.get("dynamoDBv2"), dict):
        return {"dynamoDBv2": {**parameters, "roleArn": role_arn, "putItem": {"tableName": name}}}
    return {"dynamoDB": {**action["dynamoDB"], "roleArn": role_arn, "tableName": name}}


def _role_arn(endpoint: Endpoint, name: str) -> str:
    return f"arn:{endpoint.partition}:iam::{endpoint.account}:role/{name}"


class _Making:
    """The steps for one run."""

    def __init__(self, endpoint: Endpoint, ledger: Ledger, meter: Meter | None) -> None:
        self._endpoint = endpoint
        self._ledger = ledger
        self._iot = endpoint.client("iot")
        self.name = ledger.run.name(ROLE)
        if meter is not None:
            meter.watch(self._iot)

    def make_table(self, table: HandedInTable) -> None:
        client = self._endpoint.client("dynamodb")
        self._ledger.create(Kind.TABLE, self.name)
        with cloud_errors(_STAGE, f"create table {self.name}"), _refused_by("DynamoDB", TABLE_FILE):
            client.create_table(
                TableName=self.name,
                KeySchema=table.key_schema,
                AttributeDefinitions=table.attribute_definitions,
                BillingMode="PAY_PER_REQUEST",
            )
            try:
                client.get_waiter("table_exists").wait(
                    TableName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
                )
            except WaiterError as error:
                raise CloudError(f"table {self.name} is not there after a minute", stage=_STAGE) from error

    def make_role(self) -> None:
        client = self._endpoint.client("iam")
        self._ledger.create(Kind.ROLE, self.name)
        with cloud_errors(_STAGE, f"create role {self.name}"):
            client.create_role(RoleName=self.name, AssumeRolePolicyDocument=json.dumps(_TRUST))
            client.put_role_policy(
                RoleName=self.name, PolicyName=ROLE_POLICY, PolicyDocument=json.dumps(self._rights())
            )

    def _rights(self) -> Json:
        endpoint = self._endpoint
        table = f"arn:{endpoint.partition}:dynamodb:{endpoint.region}:{endpoint.account}:table/{self.name}"
        topic = endpoint.arn(f"topic/{error_topic(self._ledger.run)}")
        rights = [("dynamodb:PutItem", table), ("iot:Publish", topic)]
        statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in rights]
        return {"Version": "2012-10-17", "Statement": statements}

    def make_rule(self, rule: HandedInRule, actions: list[Json]) -> Json:
        name, role = rule_name(self._ledger.run), _role_arn(self._endpoint, self.name)
        payload: Json = {
            "sql": rule.sql,
            "awsIotSqlVersion": rule.version,
            "ruleDisabled": rule.is_disabled,
            "actions": actions,
            "errorAction": {"republish": {"roleArn": role, "topic": error_topic(self._ledger.run)}},
        }
        self._ledger.create(Kind.RULE, name, of=self.name)
        with cloud_errors(_STAGE, f"create rule {name}"), _refused_by("AWS IoT", RULE_FILE):
            _once_the_role_is_known(lambda: self._iot.create_topic_rule(ruleName=name, topicRulePayload=payload))
        return payload


_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


def _once_the_role_is_known(make: Callable[[], object]) -> None:
    """Make a rule with a role that was made just before; raises what AWS said last."""
    deadline = time.monotonic() + _ROLE_PATIENCE_S
    while True:
        try:
            make()
        except ClientError as error:
            if _UNKNOWN_ROLE not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(_TRY_EVERY_S)
        else:
            return


@contextmanager
def _refused_by(service: str, file: str) -> Iterator[None]:
    """Say whose fault a refusal is: what was handed in, or what the local IoT core lacks."""
    try:
        yield
    except ClientError as error:
        message = str(error.response.get("Error", {}).get("Message", ""))[:200]
        # A statement is parsed there before it is refused, so that a function that is missing looks like a mistake.
        if code_of(error) == "NotImplementedException" or _GAP in message:
            raise GapError(message or "this rule", where=file, owner="the local IoT core", stage=_STAGE) from error
        if code_of(error) in _REFUSED and _UNKNOWN_ROLE not in message:
            raise KitError(f"{service} refuses what {file} describes: {message}", stage=_STAGE) from error
        raise
