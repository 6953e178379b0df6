"""Constants that are not modelled end CreateTopicRule; the same in a message's field is Undefined."""

import pytest

from kitbench.local_iot_core.rules.syntax import SqlError, parse_expression


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        ("time_to_epoch(at, 'yyyy Q')", "letter 'Q'"),
        ("parse_time('YYYY-ww', timestamp())", "letter 'w'"),
        ("parse_time('yyyy', timestamp(), 'Mars/Olympus')", "Mars/Olympus"),
        ("encode(*, 'base16')", "models base64"),
        ("decode(data, 'proto')", "models base64"),
        ("get_mqtt_property('contentType')", "content_type"),
        ("regexp_matches(name, '(a+)+b')", "repeats what repeats"),
        ("concat('x', regexp_substr(name, '['))", "argument 2 of regexp_substr"),
    ],
)
def test_constant_that_is_not_modelled_is_refused_when_the_rule_is_made(expression: str, word: str) -> None:
    with pytest.raises(SqlError) as caught:
        parse_expression(expression)

    assert word in str(caught.value)


@pytest.mark.parametrize(
    "expression",
    [
        "time_to_epoch(at, pattern)",
        "parse_time(\"yyyy-MM-dd'T'HH:mm\", 0, 'Europe/Paris')",
        "encode(*, 'base64')",
        "get_mqtt_property('correlation_data')",
        "regexp_replace(name, 'a+', 'b')",
    ],
)
def test_other_constants_and_fields_pass(expression: str) -> None:
    parse_expression(expression)
