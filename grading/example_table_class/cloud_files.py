"""What the AWS CLI prints of a student's rule and table."""

import json
from typing import Any, Final

#: The statement and the keys of the reference firmware's README.
STATEMENT: Final = "SELECT device, temperature, humidity, timestamp() AS sample_time FROM 'test_topic/esp32'"
KEYS: Final = (("device", "HASH", "S"), ("sample_time", "RANGE", "N"))
ROLE: Final = "arn:aws:iam::123456789012:role/writes_readings"
ROW: Final = {"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": "readings"}}}


def rule_json(statement: str = STATEMENT, action: dict[str, Any] = ROW, *, is_disabled: bool = False) -> str:
    """Return what `aws iot get-topic-rule` prints of such a rule."""
    rule = {"ruleName": "readings", "sql": statement, "actions": [action], "ruleDisabled": is_disabled}
    arn = "arn:aws:iot:eu-central-1:123456789012:rule/readings"
    return json.dumps({"ruleArn": arn, "rule": {**rule, "awsIotSqlVersion": "2016-03-23"}}, indent=4)


def table_json(keys: tuple[tuple[str, str, str], ...] = KEYS) -> str:
    """Return what `aws dynamodb describe-table` prints of a table with these keys: name, role, type."""
    table = {
        "TableName": "readings",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, _, kind in keys],
        "KeySchema": [{"AttributeName": name, "KeyType": role} for name, role, _ in keys],
        "TableStatus": "ACTIVE",
        "ItemCount": 42,
    }
    return json.dumps({"Table": table}, indent=4)
