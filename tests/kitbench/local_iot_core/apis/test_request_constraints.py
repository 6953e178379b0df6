"""Constraints of AWS's service model on parameters."""

from typing import Any

import pytest
from botocore.session import Session

from kitbench.local_iot_core.apis.request_constraints import violation

MODEL = Session().get_service_model("iot")


@pytest.mark.parametrize(
    ("shape", "value", "problem"),
    [
        ("ThingName", "kit-1", None),
        ("ThingName", None, None),
        ("ThingName", "n" * 128, None),
        ("ThingName", "n" * 129, "length"),
        ("ThingName", "", "length"),
        ("ThingName", "a b", "pattern"),
        ("ThingName", "kit\n", "pattern"),
        ("PageSize", "250", None),
        ("PageSize", "251", "less than"),
        ("PageSize", "0", "greater than"),
        ("PageSize", "many", "number"),
        ("CertificateStatus", "ACTIVE", None),
        ("CertificateStatus", "ON", "enum value set"),
        ("AttributePayload", {"attributes": {"run": "1"}}, None),
        ("AttributePayload", {"attributes": {"r n": "1"}}, "pattern"),
        ("AttributePayload", {"attributes": {"run": "v" * 801}}, "length"),
        ("TagList", [{"Key": "k" * 129, "Value": "v"}], "length"),
        ("TagList", [{"Key": "k", "Value": "v"}], None),
    ],
)
def test_value_is_judged_by_its_shape(shape: str, value: Any, problem: str | None) -> None:
    found = violation(MODEL.shape_for(shape), value, "name")

    if problem is None:
        assert found is None
    else:
        assert found is not None
        assert problem in found
        assert "at 'name" in found


def test_long_value_is_not_repeated_in_full() -> None:
    found = violation(MODEL.shape_for("ThingName"), "x" * 100_000, "thingName")

    assert found is not None
    assert len(found) < 400
