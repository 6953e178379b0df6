"""Rule, table and role of a run on a local IoT core: made, used, gone; and what is refused, in whose name."""

import json
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.rule_to_table import making
from kitbench.cloud.rule_to_table.making import make_rule, on_topic
from kitbench.cloud.things.ledger import Kind, open_ledger
from kitbench.cloud.things.leftovers import sweep
from kitbench.cloud.things.recovery import recover
from kitbench.errors import CloudError, GapError, KitError
from kitbench.rule_and_table import HandedInRule, HandedInTable, parse_rule, parse_table

TABLE: Final = HandedInTable("climate", (("kit", "HASH", "S"), ("at", "RANGE", "N")))


def rule(sql: str, *, action: dict[str, Any] | None = None) -> HandedInRule:
    usual = {"dynamoDBv2": {"roleArn": "theirs", "putItem": {"tableName": "climate"}}}
    return HandedInRule(sql, "2016-03-23", (action or usual,), is_disabled=False)


def publish(endpoint: Endpoint, topic: str, message: dict[str, Any]) -> None:
    endpoint.client("iot-data").publish(topic=topic, payload=json.dumps(message).encode(), qos=1)


def names_in(endpoint: Endpoint) -> set[tuple[str, str]]:
    """Return the rules, tables and roles of ours in the account."""
    rules = [("rule", one["ruleName"]) for one in endpoint.client("iot").list_topic_rules()["rules"]]
    tables = [("table", name) for name in endpoint.client("dynamodb").list_tables()["TableNames"]]
    roles = [("role", one["RoleName"]) for one in endpoint.client("iam").list_roles()["Roles"]]
    return {(kind, name) for kind, name in (*rules, *tables, *roles) if name.startswith("kitbench")}


def test_row_comes_through_the_statement_and_all_is_gone_afterwards(endpoint: Endpoint, ledgers: Path) -> None:
    statement = "SELECT who AS kit, t AS temperature, timestamp() AS at FROM 'lab/+/climate' WHERE t > 0"
    with (
        open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
        make_rule(endpoint, ledger, rule(statement), TABLE) as made,
    ):
        assert len(names_in(endpoint)) == 3
        held = {kind for kind, _ in ledger.holdings()}
        publish(endpoint, "lab/7/climate", {"who": "k7", "t": 12.5})
        publish(endpoint, "lab/7/climate", {"who": "k8", "t": -1})
        publish(endpoint, "elsewhere", {"who": "k9", "t": 3})
        rows = rows_of(made)

    assert held == {Kind.RULE, Kind.TABLE, Kind.ROLE}
    assert [(row["kit"], float(row["temperature"])) for row in rows] == [("k7", 12.5)]
    assert names_in(endpoint) == set()
    assert not list(ledgers.iterdir())


def test_rule_that_listens_elsewhere_can_be_led_to_a_topic(endpoint: Endpoint, ledgers: Path) -> None:
    statement = "SELECT who AS kit, timestamp() AS at FROM 'elsewhere' WHERE t > 100"
    asleep = replace(rule(statement), is_disabled=True)
    with (
        open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
        make_rule(endpoint, ledger, asleep, TABLE) as made,
    ):
        publish(endpoint, "lab/7/climate", {"who": "k1", "t": 1})
        time.sleep(0.5)
        before = made.rows()
        made.listen_to("lab/7/climate")
        publish(endpoint, "lab/7/climate", {"who": "k2", "t": 2})
        rows = rows_of(made)

    assert not before
    assert [row["kit"] for row in rows] == ["k2"]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM 'a/#' WHERE x = 'y'", "SELECT * FROM 't/1'"),
        ('select a, (SELECT b FROM c) AS d\nfrom "a"', "select a, (SELECT b FROM c) AS d FROM 't/1'"),
        ("SELECT *;", "SELECT * FROM 't/1'"),
    ],
)
def test_statement_for_another_topic_selects_the_same(sql: str, expected: str) -> None:
    assert on_topic(sql, "t/1") == expected


def rows_of(made: Any) -> list[dict[str, Any]]:
    """Return the rows once there are some, and what came right behind them."""
    end = time.monotonic() + 30
    while not made.rows() and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(0.5)
    rows: list[dict[str, Any]] = made.rows()
    return rows


@pytest.mark.parametrize(
    ("handed_in", "expected"),
    [
        (rule("SELECT * FORM 'a'"), "AWS IoT refuses what rule.json describes"),
        (rule("SELECT *", action={"republish": {"topic": "x"}}), "no action that writes into DynamoDB (actions: repu"),
        (
            rule("SELECT * FROM 'a'", action={"dynamoDBv2": {"putItem": {"tableName": "other"}}}),
            "writes into the table 'other', but table.json is of 'climate'",
        ),
    ],
)
def test_what_is_wrong_with_the_rule_is_the_students(
    endpoint: Endpoint, ledgers: Path, handed_in: HandedInRule, expected: str
) -> None:
    with (
        open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
        pytest.raises(KitError) as caught,
        make_rule(endpoint, ledger, handed_in, TABLE),
    ):
        pass

    assert expected in caught.value.message
    assert names_in(endpoint) == set()


def test_role_that_iam_has_not_spread_yet_is_waited_for(
    endpoint: Endpoint, ledgers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = making._Making.make_role
    late: list[threading.Timer] = []

    def make_late(this: Any) -> None:
        late.append(threading.Timer(0.6, made, [this]))
        late[0].start()

    monkeypatch.setattr(making._Making, "make_role", make_late)
    monkeypatch.setattr(making, "_TRY_EVERY_S", 0.2)
    with (
        open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
        make_rule(endpoint, ledger, rule("SELECT * FROM 'a'"), TABLE),
    ):
        late[0].join()
        assert len(names_in(endpoint)) == 3


def test_role_that_iam_never_spreads_is_no_students_fault(
    endpoint: Endpoint, ledgers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making._Making, "make_role", lambda _: None)
    monkeypatch.setattr(making, "_ROLE_PATIENCE_S", 0.0)
    monkeypatch.setattr(making, "_TRY_EVERY_S", 0.0)
    with (
        open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
        pytest.raises(CloudError, match="unable to perform: sts:AssumeRole"),
        make_rule(endpoint, ledger, rule("SELECT * FROM 'a'"), TABLE),
    ):
        pass


def test_what_the_local_core_lacks_is_nobodys_fault(endpoint: Endpoint, ledgers: Path) -> None:
    machine_learning = rule("SELECT machinelearning_predict('m', 'r', *) FROM 'a'")
    with (
        open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
        pytest.raises(GapError, match="the local IoT core lacks"),
        make_rule(endpoint, ledger, machine_learning, TABLE),
    ):
        pass


def test_a_run_that_died_is_recovered_from_its_ledger(
    endpoint: Endpoint, ledgers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    die(endpoint, ledgers, monkeypatch)

    [recovered] = recover(endpoint, ledgers)

    assert len(recovered.removed) == 3
    assert names_in(endpoint) == set()


def test_a_run_without_a_ledger_is_swept_by_its_names(
    endpoint: Endpoint, ledgers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    die(endpoint, ledgers, monkeypatch)

    assert not [one for one in sweep(endpoint, dry_run=True).removed if one.kind is Kind.TABLE], "it is not over yet"
    swept = sweep(endpoint, now=time.time() + 86400)

    assert {one.kind for one in swept.removed} >= {Kind.RULE, Kind.TABLE, Kind.ROLE}
    assert names_in(endpoint) == set()


def die(endpoint: Endpoint, ledgers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a rule and its table in a run that ends without removing anything."""
    with monkeypatch.context() as patched:
        patched.setattr(making, "settle", lambda *_, **__: None)
        with (
            open_ledger(endpoint.cloud_id, folder=ledgers) as ledger,
            make_rule(endpoint, ledger, rule("SELECT * FROM 'a'"), TABLE),
        ):
            pass
    assert len(names_in(endpoint)) == 3


def test_foreign_names_are_left_alone(endpoint: Endpoint) -> None:
    dynamodb = endpoint.client("dynamodb")
    dynamodb.create_table(
        TableName="kitbench-notes",
        KeySchema=TABLE.key_schema,
        AttributeDefinitions=TABLE.attribute_definitions,
        BillingMode="PAY_PER_REQUEST",
    )

    sweep(endpoint, now=time.time() + 86400)

    assert "kitbench-notes" in dynamodb.list_tables()["TableNames"]
    dynamodb.delete_table(TableName="kitbench-notes")


def test_hand_ins_are_read_as_the_cli_prints_them() -> None:
    text = json.dumps({"rule": {"sql": "SELECT * FROM 'a'", "actions": list(rule("SELECT").actions)}})

    assert parse_rule(text).row_tables == ("climate",)
    assert parse_table(TABLE.to_json()) == TABLE
