"""A rule and a table as they are handed in, read alike by grader and bench: what the AWS CLI prints of them.

`rule.json` is the output of `aws iot get-topic-rule`, `table.json` that of `aws dynamodb describe-table`. What both say
beside what can be made anew (ARNs, dates, sizes) is left out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from kitbench.errors import KitError

RULE_FILE: Final = "rule.json"
TABLE_FILE: Final = "table.json"
#: Actions that write rows.
ROW_ACTIONS: Final = ("dynamoDBv2", "dynamoDB")
#: AWS's own limits: characters of a statement, actions of a rule, attributes of a key.
_MOST_SQL: Final = 2048
_MOST_ACTIONS: Final = 10
_MOST_KEYS: Final = 2
_STAGE: Final = "validate"
Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HandedInRule:
    """A rule: its statement, the version of SQL, its actions as `aws` prints them, and whether it is switched off."""

    sql: str
    version: str
    actions: tuple[Json, ...]
    is_disabled: bool

    @property
    def row_tables(self) -> tuple[str, ...]:
        """The tables that its actions write rows into."""
        return tuple(_table_of(action) for action in self.actions if any(kind in action for kind in ROW_ACTIONS))

    def to_json(self) -> str:
        """Return the rule as `parse_rule` reads it."""
        rule = {"sql": self.sql, "awsIotSqlVersion": self.version, "actions": list(self.actions)}
        return json.dumps({"rule": rule | {"ruleDisabled": self.is_disabled}})


@dataclass(frozen=True, slots=True)
class HandedInTable:
    """A table: its name, and names, roles (`HASH`, `RANGE`) and types (`S`, `N`, `B`) of its keys."""

    name: str
    keys: tuple[tuple[str, str, str], ...]

    @property
    def key_schema(self) -> list[Json]:
        """As CreateTable takes it."""
        return [{"AttributeName": name, "KeyType": role} for name, role, _ in self.keys]

    @property
    def attribute_definitions(self) -> list[Json]:
        """As CreateTable takes it."""
        return [{"AttributeName": name, "AttributeType": kind} for name, _, kind in self.keys]

    def to_json(self) -> str:
        """Return the table as `parse_table` reads it."""
        table = {"TableName": self.name, "KeySchema": self.key_schema}
        return json.dumps({"Table": table | {"AttributeDefinitions": self.attribute_definitions}})


def parse_rule(text: str) -> HandedInRule:
    """Return the rule in what `aws iot get-topic-rule` printed.

    Raises:
        KitError: it is no such output.
    """
    rule = _object(_object(_parsed(text, RULE_FILE), RULE_FILE).get("rule"), f"{RULE_FILE}: rule")
    sql, version = _text(rule, "sql", RULE_FILE), str(rule.get("awsIotSqlVersion") or "2015-10-08")[:20]
    if len(sql) > _MOST_SQL:
        raise KitError(f"{RULE_FILE}: sql has more than {_MOST_SQL} characters", stage=_STAGE)
    actions = rule.get("actions", [])
    if not isinstance(actions, list) or len(actions) > _MOST_ACTIONS:
        raise KitError(f"{RULE_FILE}: actions is no list of at most {_MOST_ACTIONS}", stage=_STAGE)
    checked = tuple(_object(action, f"{RULE_FILE}: an action") for action in actions)
    return HandedInRule(sql, version, checked, is_disabled=rule.get("ruleDisabled") is True)


def parse_table(text: str) -> HandedInTable:
    """Return the table in what `aws dynamodb describe-table` printed.

    Raises:
        KitError: it is no such output.
    """
    table = _object(_object(_parsed(text, TABLE_FILE), TABLE_FILE).get("Table"), f"{TABLE_FILE}: Table")
    kinds = {one.get("AttributeName"): one.get("AttributeType") for one in _objects(table, "AttributeDefinitions")}
    schema = _objects(table, "KeySchema")
    if not 0 < len(schema) <= _MOST_KEYS:
        raise KitError(f"{TABLE_FILE}: KeySchema has {len(schema)} keys, expected one or two", stage=_STAGE)
    keys = tuple(
        (name := _text(key, "AttributeName", TABLE_FILE), _text(key, "KeyType", TABLE_FILE), str(kinds.get(name, "")))
        for key in schema
    )
    for name, role, kind in keys:
        if role not in {"HASH", "RANGE"} or kind not in {"S", "N", "B"}:
            raise KitError(f"{TABLE_FILE}: key {name[:60]!r} is {role[:20]!r} of type {kind[:20]!r}", stage=_STAGE)
    return HandedInTable(_text(table, "TableName", TABLE_FILE), keys)


def stand_in_for(rule: HandedInRule) -> HandedInTable:
    """Return a table for a rule whose own was not handed in: what comes of a message shows that it was triggered."""
    return HandedInTable(next(iter(rule.row_tables), ""), (("kitbench", "HASH", "S"),))


def _parsed(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise KitError(f"{name} is not JSON: {str(error)[:80]}", stage=_STAGE) from error


def _object(value: Any, what: str) -> Json:
    if not isinstance(value, dict):
        raise KitError(f"{what} is missing, or no JSON object", stage=_STAGE)
    return value


def _objects(table: Mapping[str, Any], name: str) -> list[Json]:
    values = table.get(name)
    if not isinstance(values, list) or len(values) > 20:
        raise KitError(f"{TABLE_FILE}: {name} is missing, or no list", stage=_STAGE)
    return [_object(value, f"{TABLE_FILE}: an element of {name}") for value in values]


def _text(table: Mapping[str, Any], name: str, file: str) -> str:
    value = table.get(name)
    if not isinstance(value, str) or not value or len(value) > 4096:
        raise KitError(f"{file}: {name} is missing, or no text", stage=_STAGE)
    return value


def _table_of(action: Json) -> str:
    if isinstance(parameters := action.get("dynamoDBv2"), dict):
        put = parameters.get("putItem")
        return str(put.get("tableName", "")) if isinstance(put, dict) else ""
    parameters = action.get("dynamoDB")
    return str(parameters.get("tableName", "")) if isinstance(parameters, dict) else ""
