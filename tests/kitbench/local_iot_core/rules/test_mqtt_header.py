from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from kitbench.local_iot_core.rules.mqtt_header import header_values


def test_headers_are_shown_as_sql_names_them() -> None:
    shown = header_values(
        {
            Property.CONTENT_TYPE: "application/json",
            Property.PAYLOAD_FORMAT_INDICATOR: 1,
            Property.CORRELATION_DATA: b"\x00\xff",
            Property.USER_PROPERTY: [("a", "b")],
        }
    )

    assert shown == {"content_type": "application/json", "format_indicator": "UTF8_DATA", "correlation_data": "AP8="}


def test_payload_that_is_not_said_to_be_text_is_bytes() -> None:
    assert header_values({Property.PAYLOAD_FORMAT_INDICATOR: 0}) == {"format_indicator": "UNSPECIFIED_BYTES"}
