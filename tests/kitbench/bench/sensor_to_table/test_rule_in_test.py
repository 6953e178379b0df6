"""Whether a table takes rows, also where the rule brings none by itself."""

import json
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from kitbench.bench.sensor_to_table.rule_in_test import RuleInTest
from kitbench.cloud.mqtt.observer import Observer
from kitbench.cloud.rule_to_table.making import MadeRule
from kitbench.errors import BenchError, KitError


@dataclass
class Cloud:
    """A made rule and the observer in one: what comes by itself, and what once the rule is led to a topic."""

    own_rows: list[dict[str, Any]] = field(default_factory=list)
    led_rows: list[dict[str, Any]] = field(default_factory=list)
    led_failure: str = ""
    led_to: str = ""
    error_topic: str = "errors"

    def rows(self) -> list[dict[str, Any]]:
        return self.led_rows if self.led_to else self.own_rows

    def listen_to(self, topic: str) -> None:
        self.led_to = topic

    def messages(self) -> list[Any]:
        return [self] if self.led_to and self.led_failure else []

    @property
    def topic(self) -> str:
        return self.error_topic

    @property
    def payload(self) -> bytes:
        return json.dumps({"failures": [{"errorMessage": self.led_failure}]}).encode()


def in_test(cloud: Cloud, no_table: KitError | None = None) -> RuleInTest:
    return RuleInTest(cast("MadeRule", cloud), cast("Observer", cloud), no_table)


def test_row_of_the_rules_own_is_enough() -> None:
    cloud = Cloud(own_rows=[{"kit": "k"}])

    assert in_test(cloud).why_no_row("t", within_s=0) == ""
    assert not cloud.led_to


def test_table_is_tried_where_the_rule_is_never_triggered() -> None:
    cloud = Cloud(led_failure="Missing the key sample_id")

    assert in_test(cloud).why_no_row("t", within_s=0) == "Missing the key sample_id"
    assert cloud.led_to == "t"


def test_rule_that_was_led_shows_nothing_of_its_own() -> None:
    rule = in_test(Cloud(led_rows=[{"kit": "k"}], led_failure="once"))

    assert rule.why_no_row("t", within_s=0) == ""
    assert (rule.rows(), rule.failures(), rule.wait_until_triggered(within_s=0)) == ([], [], False)


def test_table_that_nothing_came_to_does_not_pass() -> None:
    with pytest.raises(BenchError, match="no row was tried"):
        in_test(Cloud()).why_no_row("t", within_s=0)


def test_table_that_stands_in_is_not_the_students() -> None:
    in_test(Cloud()).require_table()

    with pytest.raises(KitError, match=r"missing: table\.json is missing"):
        in_test(Cloud(), KitError("table.json is missing", stage="missing")).require_table()
