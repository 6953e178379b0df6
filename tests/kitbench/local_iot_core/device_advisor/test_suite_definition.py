"""`rootGroup` of CreateSuiteDefinition."""

import json
from typing import Any

import pytest

from kitbench.local_iot_core.device_advisor.suite_definition import DefinitionError, parse_root_group, with_ids


def root(*tests: dict[str, Any], **group: Any) -> str:
    return json.dumps({"configuration": {}, "tests": [{"name": "group", **group, "tests": list(tests)}]})


def a_test(test_id: str = "MQTT_Connect", **configuration: Any) -> dict[str, Any]:
    return {"name": "mine", "configuration": configuration, "test": {"id": test_id, "version": "0.0.0"}}


def test_tests_have_group_configuration_and_an_id_that_stays() -> None:
    text = with_ids(
        root(a_test(), a_test("tls_connect", EXECUTION_TIMEOUT="7"), configuration={"EXECUTION_TIMEOUT": 90})
    )

    first, second = parse_root_group(text)

    assert (first.group, first.case.id, first.timeout_s) == ("group", "MQTT_Connect", 90.0)
    assert (second.case.id, second.timeout_s) == ("TLS_Connect", 7.0)
    assert parse_root_group(with_ids(text)) == (first, second)


def test_timeout_is_five_minutes_and_terms_are_over_then() -> None:
    (test,) = parse_root_group(with_ids(root(a_test())))
    assert not test.terms(299.0).is_over
    assert test.terms(300.0).is_over


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (root(a_test(JOB_DOCUMENT_SOURCE="1")), "'JOB_DOCUMENT_SOURCE' is not modelled"),
        (root(a_test(KITBENCH_RECORD_SIZE=0)), "KITBENCH_RECORD_SIZE"),
        ("{", "no JSON"),
        ("[]", "no object"),
        ('{"tests": 1}', "no list"),
        ("{}", "has no test"),
        (root({"name": "x", "test": {}}), "has no id"),
        (root(a_test("MQTT_Knot")), "no test 'MQTT_Knot'"),
        (root(a_test("MQTT_Long_Duration")), "not modelled"),
        (root(a_test(EXECUTION_TIMEOUT="soon")), "configuration of MQTT_Connect"),
        (root(a_test(EXECUTION_TIMEOUT="nan")), "out of bounds"),
        (root(a_test(RECONNECTION_ATTEMPTS=4)), "between 5 and 10"),
        (root(a_test(TOPIC_LIST_FOR_SUBSCRIPTION_VALIDATION_ID=[1])), "topics are strings"),
        (root(*[a_test()] * 101), "at most 100"),
        ('{"tests":[' * 9 + "]}" * 9, "no object"),
    ],
)
def test_what_cannot_be_run_is_refused_in_words(text: str, word: str) -> None:
    with pytest.raises(DefinitionError, match=word):
        parse_root_group(with_ids(text))
