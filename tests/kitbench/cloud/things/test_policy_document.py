"""Policies allow the client id and its topics, and nothing else."""

import json
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.things.client_identity import Topics
from kitbench.cloud.things.policy_document import least_privilege
from kitbench.errors import UsageError

_ENDPOINT = Endpoint("aws", "eu-west-1", "111122223333", "host", 8883, Path("ca.pem"))
_ARN = "arn:aws:iot:eu-west-1:111122223333:"


def _allows(document: str, action: str, resource: str) -> bool:
    """Evaluate as AWS does, as far as these documents go: `*` and `?` are its only wildcards."""
    return any(
        statement["Action"] == action and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
        for statement in json.loads(document)["Statement"]
    )


def test_allows_what_the_identity_needs() -> None:
    document = least_privilege(_ENDPOINT, "kit-1", Topics(("up",), ("down",)))

    assert _allows(document, "iot:Connect", f"{_ARN}client/kit-1")
    assert _allows(document, "iot:Publish", f"{_ARN}topic/up")
    assert _allows(document, "iot:Subscribe", f"{_ARN}topicfilter/down")
    assert _allows(document, "iot:Receive", f"{_ARN}topic/down")


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iot:Connect", "client/kit-2"),
        ("iot:Publish", "topic/down"),
        ("iot:Publish", "topic/up/more"),
        ("iot:Subscribe", "topicfilter/#"),
        ("iot:Subscribe", "topicfilter/up"),
        ("iot:Receive", "topic/up"),
        ("iot:RetainPublish", "topic/up"),
        ("iot:UpdateThingShadow", "thing/kit-1"),
    ],
)
def test_allows_nothing_else(action: str, resource: str) -> None:
    assert not _allows(least_privilege(_ENDPOINT, "kit-1", Topics(("up",), ("down",))), action, _ARN + resource)


def test_empty_rights_are_left_out() -> None:
    statements = json.loads(least_privilege(_ENDPOINT, "kit-1", Topics()))["Statement"]

    assert [statement["Action"] for statement in statements] == ["iot:Connect"]


def test_other_partition_has_its_own_arns() -> None:
    china = Endpoint("aws", "cn-north-1", "1", "host", 8883, Path("ca.pem"), partition="aws-cn")

    assert "arn:aws-cn:iot:cn-north-1:1:client/kit-1" in least_privilege(china, "kit-1", Topics())


def test_document_that_aws_would_refuse_is_refused_before() -> None:
    with pytest.raises(UsageError, match="expected at most 2048"):
        least_privilege(_ENDPOINT, "kit-1", Topics(tuple(f"topic-{number}" for number in range(100))))
