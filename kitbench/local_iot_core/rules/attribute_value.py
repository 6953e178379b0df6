"""DynamoDB's attribute values of a message's values. Pure.

Source: DynamoDB API reference, "AttributeValue".
"""

import base64
from decimal import Decimal
from typing import Any

from kitbench.local_iot_core.rules.value import UNDEFINED, Value, is_number


def attribute_value(value: Value) -> dict[str, Any]:
    """Return a value as DynamoDB's JSON has it, such as ``{"N": "21.5"}``."""
    if isinstance(value, dict):
        return {"M": attributes(value)}
    if isinstance(value, list):
        return {"L": [attribute_value(item) for item in value if item is not UNDEFINED]}
    if isinstance(value, bytes):
        return {"B": base64.b64encode(value).decode()}
    if isinstance(value, bool):
        return {"BOOL": value}
    if is_number(value):
        return {"N": format(value, "f") if isinstance(value, Decimal) else str(value)}
    return {"S": value} if isinstance(value, str) else {"NULL": True}


def attributes(values: dict[str, Value]) -> dict[str, Any]:
    """Return an object's members as attributes, one for each."""
    return {key: attribute_value(item) for key, item in values.items() if item is not UNDEFINED}
