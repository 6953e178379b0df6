"""MQTT 5 properties of a message, as `get_mqtt_property` names them and shows them. Pure.

Source: AWS IoT Core developer guide, "get_mqtt_property(name)".
"""

import base64
from collections.abc import Mapping
from typing import Any, Final

from kitbench.local_iot_core.mqtt.mqtt_properties import Property

#: Names in SQL → properties on the wire.
HEADERS: Final[Mapping[str, Property]] = {
    "content_type": Property.CONTENT_TYPE,
    "format_indicator": Property.PAYLOAD_FORMAT_INDICATOR,
    "response_topic": Property.RESPONSE_TOPIC,
    "correlation_data": Property.CORRELATION_DATA,
}


def header_values(properties: Mapping[int, Any]) -> Mapping[str, str]:
    """Return the properties that a message has, by their names in SQL; correlation data in base64."""
    return {name: _shown(properties[header]) for name, header in HEADERS.items() if header in properties}


def _shown(value: Any) -> str:
    if isinstance(value, int):
        return "UTF8_DATA" if value else "UNSPECIFIED_BYTES"
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
