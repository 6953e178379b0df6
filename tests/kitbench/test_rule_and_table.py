"""What the AWS CLI prints of rules and tables, as it is handed in, and what is none."""

import json
from typing import Any, Final

import pytest

from kitbench.errors import KitError
from kitbench.rule_and_table import parse_rule, parse_table, stand_in_for

RULE: Final = {
    "ruleArn": "arn:aws:iot:eu-west-1:210987654321:rule/lab",
    "rule": {
        "ruleName": "lab",
        "sql": "SELECT * FROM 'lab/7'",
        "createdAt": "2024-03-02T08:15:00+01:00",
        "actions": [
            {"dynamoDBv2": {"roleArn": "arn:aws:iam::210987654321:role/r", "putItem": {"tableName": "climate"}}},
            {"republish": {"roleArn": "arn:aws:iam::210987654321:role/r", "topic": "copy"}},
        ],
        "ruleDisabled": True,
        "awsIotSqlVersion": "2016-03-23",
    },
}
TABLE: Final = {
    "Table": {
        "TableName": "climate",
        "AttributeDefinitions": [
            {"AttributeName": "at", "AttributeType": "N"},
            {"AttributeName": "who", "AttributeType": "S"},
        ],
        "KeySchema": [
            {"AttributeName": "who", "KeyType": "HASH"},
            {"AttributeName": "at", "KeyType": "RANGE"},
        ],
        "TableArn": "arn:aws:dynamodb:eu-west-1:210987654321:table/climate",
        "ItemCount": 12,
    }
}


def test_rule_is_read_without_what_cannot_be_made_again() -> None:
    rule = parse_rule(json.dumps(RULE))

    assert (rule.sql, rule.version, rule.is_disabled) == ("SELECT * FROM 'lab/7'", "2016-03-23", True)
    assert rule.row_tables == ("climate",)
    assert parse_rule(rule.to_json()) == rule


def test_first_dynamodb_action_names_its_table_elsewhere() -> None:
    old = {"dynamoDB": {"roleArn": "r", "tableName": "old", "hashKeyField": "k", "hashKeyValue": "v"}}

    assert parse_rule(json.dumps({"rule": {"sql": "SELECT * FROM 'a'", "actions": [old]}})).row_tables == ("old",)


def test_table_is_read_with_the_types_of_its_keys() -> None:
    table = parse_table(json.dumps(TABLE))

    assert (table.name, table.keys) == ("climate", (("who", "HASH", "S"), ("at", "RANGE", "N")))
    assert parse_table(table.to_json()) == table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "rule.json is not JSON"),
        ("[" * 100_000, "rule.json is not JSON"),
        ("[]", "rule.json is missing, or no JSON object"),
        ('{"rule": 3}', "rule.json: rule is missing"),
        ('{"rule": {"sql": 7}}', "sql is missing, or no text"),
        (json.dumps({"rule": {"sql": "x" * 3000}}), "more than 2048 characters"),
        ('{"rule": {"sql": "SELECT", "actions": {}}}', "actions is no list"),
        ('{"rule": {"sql": "SELECT", "actions": ["a"]}}', "an action is missing, or no JSON object"),
    ],
)
def test_what_is_no_rule_is_told(text: str, expected: str) -> None:
    with pytest.raises(KitError) as caught:
        parse_rule(text)

    assert expected in caught.value.message


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"KeySchema": []}, "KeySchema has 0 keys"),
        ({"KeySchema": None}, "KeySchema is missing"),
        ({"AttributeDefinitions": []}, "key 'who' is 'HASH' of type ''"),
        ({"KeySchema": [{"AttributeName": "who", "KeyType": "HUSH"}]}, "key 'who' is 'HUSH'"),
        ({"TableName": ""}, "TableName is missing"),
    ],
)
def test_what_is_no_table_is_told(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(KitError) as caught:
        parse_table(json.dumps({"Table": {**TABLE["Table"], **change}}))

    assert expected in caught.value.message


def test_table_that_stands_in_is_the_one_that_the_rule_writes_into() -> None:
    assert stand_in_for(parse_rule(json.dumps(RULE))).name == "climate"
    assert parse_table(stand_in_for(parse_rule(json.dumps(RULE))).to_json()).keys == (("kitbench", "HASH", "S"),)
