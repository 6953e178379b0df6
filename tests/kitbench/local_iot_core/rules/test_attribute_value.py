"""DynamoDB's attribute values, beside those of boto3's own serializer."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from kitbench.local_iot_core.rules.attribute_value import attribute_value, attributes
from kitbench.local_iot_core.rules.value import UNDEFINED


@pytest.mark.parametrize(
    "value", [21, Decimal("21.5"), -3, "text", "", True, False, None, [1, "a", None], {"a": {"b": [True]}}, [], {}]
)
def test_as_boto3_serializes(value: Any) -> None:
    assert attribute_value(value) == TypeSerializer().serialize(value)


def test_bytes_are_base64_on_the_wire() -> None:
    assert attribute_value(b"\0\xff") == {"B": "AP8="}


def test_no_exponent_and_no_undefined() -> None:
    assert attribute_value(Decimal("1E+3")) == {"N": "1000"}
    assert attributes({"a": UNDEFINED, "b": [UNDEFINED, 1]}) == {"b": {"L": [{"N": "1"}]}}
