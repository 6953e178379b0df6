"""Hand-ins for the rubric `course_2024`: a kit, a rule and a table, one of which is not what it should be."""

from pathlib import Path
from typing import Any, Final

from grading.example_table_class.cloud_files import ROLE, STATEMENT, rule_json, table_json
from grading.judgement import Outcome
from kitbench.installation import named_rubric, reference_project
from tests.corpus.desk import Desk, Edit
from tests.corpus.kind import Family, Kind, Make

PASSED, FAILED = Outcome.PASSED, Outcome.FAILED
RUBRIC: Final = named_rubric(Path("course_2024"))
_SOURCE: Final = "main/sensor_to_table.c"
_PUBLISHES: Final = "            publish(&reading);\n"
_PRINTS: Final = "    if (session_publish(message)) {\n"
_RANGE_KEY: Final = {
    "rangeKeyField": "sample_time",
    "rangeKeyValue": "${timestamp()}",
    "rangeKeyType": "NUMBER",
}
_PRINTS_BY_CJSON: Final = """\
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "device", CONFIG_AWS_EXAMPLE_CLIENT_ID);
    cJSON_AddNumberToObject(root, "temperature", reading->temperature);
    cJSON_AddNumberToObject(root, "humidity", reading->humidity);
    cJSON_PrintPreallocated(root, message, sizeof(message), false);
    cJSON_Delete(root);
    if (session_publish(message)) {
"""


def hand_in(*edits: Edit, rule: str | None = None, table: str | None = None) -> Make:
    """Return what hands in the reference firmware with changes, and a rule and a table."""

    def make(desk: Desk) -> Path:
        desk.project(*edits, of=reference_project().parent / "sensor_to_table")
        (desk.submission / "rule.json").write_text(rule if rule is not None else rule_json(), encoding="utf-8")
        (desk.submission / "table.json").write_text(table if table is not None else table_json(), encoding="utf-8")
        desk.write_answers()
        desk.write_certificate()
        return desk.submission

    return make


def _reading(code: str) -> Edit:
    """Return what publishes another temperature than the sensor's."""
    return Edit(_SOURCE, _PUBLISHES, f"            {code}\n{_PUBLISHES}")


def _column(more: dict[str, str]) -> dict[str, Any]:
    """Return the older action, which writes a message into one column."""
    key = {"hashKeyField": "device", "hashKeyValue": "${device}"}
    return {"dynamoDB": {"roleArn": ROLE, "tableName": "readings", **key, **more}}


def _kind(name: str, why: str, make: Make, outcomes: str, reasons: dict[str, str], *, is_quick: bool = False) -> Kind:
    """Return a kind; `outcomes` has a + or - for table, rule and stored readings."""
    criteria = ("table", "rule", "stored_readings")
    given = {one: PASSED if sign == "+" else FAILED for one, sign in zip(criteria, outcomes, strict=True)}
    return Kind(name, Family.FORGED_ROW, why, make, given, reasons, is_quick=is_quick, rubric=RUBRIC)


TABLES: Final[tuple[Kind, ...]] = (
    Kind(
        "readings in a table",
        Family.HONEST,
        "it is what the course asks for, all ten points",
        hand_in(),
        dict.fromkeys(
            (
                *("account", "policy", "wifi", "endpoint", "certificates", "test_client", "kit_receives"),
                *("table", "rule", "stored_readings"),
            ),
            PASSED,
        ),
        is_quick=True,
        rubric=RUBRIC,
    ),
    Kind(
        "readings as cJSON prints them",
        Family.HONEST,
        "a float has seventeen digits there, and is the sensor's reading all the same",
        hand_in(
            Edit(_SOURCE, '#include "aht20.h"\n', '#include "aht20.h"\n#include "cJSON.h"\n'),
            Edit(_SOURCE, "MESSAGE_SIZE 128", "MESSAGE_SIZE 256"),
            Edit(_SOURCE, _PRINTS, _PRINTS_BY_CJSON),
        ),
        dict.fromkeys(("table", "rule", "stored_readings"), PASSED),
        rubric=RUBRIC,
    ),
    _kind(
        "a rule for another topic",
        "the kit's messages never reach it",
        hand_in(rule=rule_json(STATEMENT.replace("esp32", "esp8266"))),
        "+--",
        {"rule": "did nothing with a message on test_topic/esp32: .*esp8266", "stored_readings": "the table is empty"},
    ),
    _kind(
        "a rule that is switched off",
        "the kit's messages never reach it",
        hand_in(rule=rule_json(is_disabled=True)),
        "+--",
        {"rule": "it is switched off"},
    ),
    _kind(
        "a rule that selects other fields",
        "the row comes, and has no temperature",
        hand_in(rule=rule_json(STATEMENT.replace("temperature, ", ""))),
        "++-",
        {"stored_readings": "is in no row: the last of .* rows is device=.*humidity"},
    ),
    _kind(
        "a rule that republishes to its own topic",
        "it runs in a circle, and writes into no table",
        hand_in(rule=rule_json(action={"republish": {"roleArn": ROLE, "topic": "test_topic/esp32"}})),
        "---",
        {"rule": r"no action that writes into DynamoDB \(actions: republish\)"},
    ),
    _kind(
        "a row in one column",
        "the older action writes the message into one column, and the reading stands there",
        hand_in(rule=rule_json("SELECT * FROM 'test_topic/esp32'", _column(_RANGE_KEY))),
        "+++",
        {},
    ),
    _kind(
        "a row in one column without the table's second key",
        "the table has a sort key, and the action gives none",
        hand_in(rule=rule_json("SELECT * FROM 'test_topic/esp32'", _column({}))),
        "-+-",
        {"table": "the table took no row: .*sample_time"},
    ),
    _kind(
        "a table with another key",
        "the rule's rows have no such attribute, and DynamoDB takes none of them",
        hand_in(table=table_json((("sample_id", "HASH", "S"),))),
        "-+-",
        {"table": "the table took no row: .*(key|sample_id)"},
    ),
    _kind(
        "a rule for another topic and a table with another key",
        "no row came, and none could have: the table is tried with the statement's shape",
        hand_in(rule=rule_json(STATEMENT.replace("esp32", "esp8266")), table=table_json((("sample_id", "HASH", "S"),))),
        "---",
        {"table": "the table took no row: .*(key|sample_id)", "rule": "did nothing with a message"},
    ),
    _kind(
        "a rule that is switched off and a table with a key of another type",
        "no row came, and none could have",
        hand_in(
            rule=rule_json(is_disabled=True),
            table=table_json((("device", "HASH", "S"), ("sample_time", "RANGE", "S"))),
        ),
        "---",
        {"table": "the table took no row", "rule": "it is switched off"},
    ),
    _kind(
        "a table with a key of another type",
        "a time is a number, and DynamoDB takes no number for a text",
        hand_in(table=table_json((("device", "HASH", "S"), ("sample_time", "RANGE", "S")))),
        "-+-",
        {"table": "the table took no row"},
    ),
    _kind(
        "a constant reading",
        "nobody looked at the sensor",
        hand_in(_reading("reading.temperature = 21.5f;")),
        "++-",
        {"stored_readings": "the sensor's .* °C came in no message"},
    ),
    _kind(
        "an invented reading",
        "a number that wanders is no measurement",
        hand_in(
            Edit(_SOURCE, '#include "esp_log.h"\n', '#include "esp_log.h"\n#include "esp_random.h"\n'),
            _reading("reading.temperature = 15 + esp_random() % 1000 / 100.0f;"),
        ),
        "++-",
        {"stored_readings": "the sensor's .* °C came in no message"},
    ),
    _kind(
        "a reading that the rule invents",
        "the row has a number, but not the sensor's",
        hand_in(rule=rule_json(STATEMENT.replace("temperature,", "22.5 AS temperature,"))),
        "++-",
        {"stored_readings": "is in no row: the last of .* rows is .*temperature=22.5"},
    ),
    _kind(
        "a row that is written past the rule",
        "whoever wrote it: the rule hands messages to a function and to no table",
        hand_in(
            rule=rule_json(
                action={"lambda": {"functionArn": "arn:aws:lambda:eu-central-1:123456789012:function:writes"}}
            )
        ),
        "---",
        {"rule": r"no action that writes into DynamoDB \(actions: lambda\)"},
    ),
    _kind(
        "a rule for another table",
        "the table that was handed in stays empty",
        hand_in(rule=rule_json(action={"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": "theirs"}}})),
        "---",
        {"rule": "writes into the table 'theirs', but table.json is of 'readings'"},
    ),
    _kind(
        "a statement that AWS does not read",
        "there can be no such rule",
        hand_in(rule=rule_json("SELECT temperature FORM 'test_topic/esp32'")),
        "---",
        {"rule": "AWS IoT refuses what rule.json describes"},
    ),
    Kind(
        "a rule without its table",
        Family.FORGED_ROW,
        "what can be shown without the table is the student's: the rule listens to the kit",
        hand_in(table=""),
        {"table": FAILED, "rule": PASSED, "stored_readings": FAILED},
        {"table": "table.json is not JSON"},
        rubric=RUBRIC,
    ),
    _kind(
        "a table without its rule",
        "no rule, no row: nothing can be shown of either",
        hand_in(rule=""),
        "---",
        {"table": "rule.json is missing, or cannot be read", "rule": "rule.json is not JSON"},
    ),
)
