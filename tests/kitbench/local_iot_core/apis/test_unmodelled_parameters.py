from typing import Any

import pytest

from kitbench.local_iot_core.apis.unmodelled_parameters import refuse_unmodelled


@pytest.mark.parametrize(
    ("operation", "parameter", "value"),
    [
        ("SearchIndex", "queryString", "thingName:kit-* AND NOT (attributes.room:E12 OR thingGroupNames:lab)"),
        ("SearchIndex", "queryString", "-thingTypeName:esp32 kit"),
        ("SearchIndex", "indexName", "AWS_Things"),
        ("UpdateIndexingConfiguration", "thingIndexingConfiguration", {"thingIndexingMode": "REGISTRY"}),
        ("UpdateIndexingConfiguration", "thingIndexingConfiguration", {"customFields": []}),
        ("RegisterCACertificate", "allowAutoRegistration", "false"),
        ("RegisterCACertificate", "registrationConfig", None),
        ("CreateThing", "thingName", "anything"),
    ],
)
def test_what_has_its_effect_passes(operation: str, parameter: str, value: Any) -> None:
    refuse_unmodelled(operation, parameter, value)


@pytest.mark.parametrize(
    ("operation", "parameter", "value"),
    [
        ("SearchIndex", "queryString", "connectivity.connected:true"),
        ("SearchIndex", "queryString", "thingName:kit AND deviceDefender.violationCount:1"),
        ("SearchIndex", "queryString", "attributes.n:[1 TO 5]"),
        ("UpdateIndexingConfiguration", "thingIndexingConfiguration", {"namedShadowIndexingMode": "ON"}),
        ("RegisterCACertificate", "allowAutoRegistration", True),
        ("RegisterCACertificate", "registrationConfig", {"roleArn": "r"}),
    ],
)
def test_what_would_have_none_is_refused_by_name(operation: str, parameter: str, value: Any) -> None:
    with pytest.raises(NotImplementedError, match="not modelled"):
        refuse_unmodelled(operation, parameter, value)
