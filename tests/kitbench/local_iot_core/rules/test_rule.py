"""What CreateTopicRule takes."""

from typing import Any

import pytest

from kitbench.local_iot_core.rules.rule import parse_rule
from kitbench.local_iot_core.rules.syntax import SqlError

REPUBLISH = {"republish": {"topic": "b/${topic(2)}", "roleArn": "arn:aws:iam::000000000000:role/r", "qos": 1}}


def payload(**changes: Any) -> dict[str, Any]:
    return {"sql": "SELECT * FROM 'a/+'", "actions": [REPUBLISH]} | changes


def test_rule_is_read() -> None:
    rule = parse_rule("r", payload())

    assert (rule.topic_filter, rule.is_enabled, rule.actions[0].kind, rule.actions[0].qos) == (
        "a/+",
        True,
        "republish",
        1,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"sql": "SELECT FROM"},
        {"sql": "SELECT * FROM 'a/#/b'"},
        {"actions": []},
        {"actions": [{"republish": {"roleArn": "r"}}]},
        {"actions": [{"dynamoDBv2": {"roleArn": "r", "putItem": {}}}]},
        {"actions": [{"republish": {"topic": "${1 +}", "roleArn": "r"}}]},
        {"actions": [{"republish": {"topic": "${1", "roleArn": "r"}}]},
        {"actions": [{"republish": {"topic": "b", "roleArn": "r", "qos": 2}}]},
        {"actions": [{"s3": {"bucketName": "b", "roleArn": "r"}}]},
        {"actions": [{"sns": {"targetArn": "t", "roleArn": "r", "messageFormat": "XML"}}]},
        {"actions": [{"sqs": {"queueUrl": "u"}}]},
        {"errorAction": {"s3": {"bucketName": "b"}}},
    ],
)
def test_rule_that_aws_does_not_take_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(SqlError):
        parse_rule("r", payload(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"actions": [{"lambda": {"functionArn": "f"}}]},
        {"errorAction": {"firehose": {"deliveryStreamName": "d"}}},
        {"awsIotSqlVersion": "beta"},
        {"actions": [{"republish": {"topic": "b", "roleArn": "r", "headers": {}}}]},
    ],
)
def test_what_is_not_modelled_is_refused_in_words(changes: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedError, match="is not modelled"):
        parse_rule("r", payload(**changes))
