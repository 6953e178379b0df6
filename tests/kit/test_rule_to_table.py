"""The student's rule and table, made as they were handed in (`--rule`, `--table`): readings reach the table by them."""

from typing import Final

import pytest

from kitbench import Arrivals, BenchBoard, KitError, ReadingTrail, RuleInTest, RunningKit, Thing, TrafficRules

pytestmark = [pytest.mark.hardware, pytest.mark.variants("embedded_key")]

#: A rule acts within seconds; AWS lets roles settle for longer.
ACTS_WITHIN_S: Final = 15.0
READINGS: Final = 2


@pytest.mark.criterion("iot_rule")
def test_rule_is_triggered_by_what_the_kit_publishes(
    rule_in_test: RuleInTest, arrivals: Arrivals, thing: Thing
) -> None:
    """The rule as it was handed in listens to the kit's topic and takes its messages."""
    arrivals.wait_for(1)

    if not rule_in_test.wait_until_triggered(within_s=ACTS_WITHIN_S):
        rule = rule_in_test.made.rule
        why = "it is switched off" if rule.is_disabled else f"its statement is {rule.sql[:120]!r}"
        raise KitError(f"the rule did nothing with a message on {thing.topic}: {why}", stage="rule")


@pytest.mark.criterion("dynamodb_table")
def test_table_takes_the_rows_that_the_rule_writes(rule_in_test: RuleInTest, arrivals: Arrivals, thing: Thing) -> None:
    """The table as it was handed in can be made, and takes the rows that the rule writes: they have its keys."""
    rule_in_test.require_table()
    arrivals.wait_for(1)

    if why := rule_in_test.why_no_row(thing.topic, within_s=ACTS_WITHIN_S):
        raise KitError(f"the table took no row: {why}", stage="table")


@pytest.mark.criterion("stored_readings")
def test_reading_is_followed_from_the_sensor_to_the_table(
    board: BenchBoard,
    running_kit: RunningKit,
    arrivals: Arrivals,
    rule_in_test: RuleInTest,
    traffic_rules: TrafficRules,
) -> None:
    """What the sensor measures is in a message, on the serial line and in a row, within its resolution."""
    rule_in_test.require_table()
    arrivals.wait_for(1)
    trail = ReadingTrail(board, running_kit, arrivals, rule_in_test)

    for _ in range(READINGS):
        trail.follow(within_s=min(traffic_rules.longest_wait, max(ACTS_WITHIN_S, arrivals.patience_s)))
