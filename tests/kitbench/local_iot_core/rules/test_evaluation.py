"""AWS's documented examples of SQL, and what its tables say of operators and conversions."""

import json
import time
from decimal import Decimal
from typing import Any, Final

import pytest

from kitbench.local_iot_core.rules.evaluation import Occasion, select
from kitbench.local_iot_core.rules.syntax import SqlError, parse_statement
from kitbench.local_iot_core.rules.value import UNDEFINED, to_json

NEW: Final = "2016-03-23"
COLOR: Final = {"color": "red", "temperature": 50}
READINGS: Final = {
    "e": [
        {"n": "temperature", "u": "Cel", "t": 1234, "v": 22.5},
        {"n": "light", "u": "lm", "t": 1235, "v": 135},
        {"n": "acidity", "u": "pH", "t": 1235, "v": 7},
    ]
}


def selected(sql: str, payload: Any, version: str = NEW, topic: str = "topic/subtopic") -> Any:
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    found = select(parse_statement(sql), Occasion(topic, data, "kit-1", "ab12", version=version))
    return UNDEFINED if found is UNDEFINED else found if isinstance(found, bytes) else json.loads(to_json(found))


@pytest.mark.parametrize(
    ("sql", "payload", "expected"),
    [
        ("SELECT * FROM 'topic/subtopic'", COLOR, COLOR),
        ("SELECT color FROM 'topic/subtopic'", COLOR, {"color": "red"}),
        ("SELECT color AS my_color FROM 'topic/subtopic'", COLOR, {"my_color": "red"}),
        ("SELECT color as my_color, temperature as fahrenheit FROM 't'", COLOR, {"my_color": "red", "fahrenheit": 50}),
        ("SELECT *, 15 as speed FROM 'topic/subtopic'", COLOR, {**COLOR, "speed": 15}),
        ("SELECT VALUE color FROM 'topic/subtopic'", COLOR, "red"),
        ("SELECT color.red as red_value FROM 't'", {"color": {"red": 255, "green": 0}}, {"red_value": 255}),
        (
            "SELECT (temperature - 32) * 5 / 9 AS celsius, upper(color) as my_color FROM 't'",
            COLOR,
            {"celsius": 10, "my_color": "RED"},
        ),
        ("SELECT foo.bar AS bar.baz FROM 't'", {"foo": {"bar": "RED", "bar1": "GREEN"}}, {"bar": {"baz": "RED"}}),
        (
            'SELECT * FROM \'t\' WHERE get(get(get(mydata,"item2"),"0"),"my-key") = "myValue"',
            {"mydata": {"item2": {"0": {"my-key": "myValue"}}}},
            {"mydata": {"item2": {"0": {"my-key": "myValue"}}}},
        ),
        (
            "SELECT (SELECT VALUE n FROM e) as sensors FROM 'my/topic'",
            READINGS,
            {"sensors": ["temperature", "light", "acidity"]},
        ),
        (
            "SELECT (SELECT v FROM e WHERE n = 'temperature') as temperature FROM 't'",
            READINGS,
            {"temperature": [{"v": 22.5}]},
        ),
        (
            "SELECT get((SELECT v FROM e WHERE n = 'temperature'), 0).v as temperature FROM 't'",
            READINGS,
            {"temperature": 22.5},
        ),
        ("SELECT VALUE arr FROM 'topic'", {"a": {"b": "c"}, "arr": [1, 2, 3, 4]}, [1, 2, 3, 4]),
        (
            "SELECT {'latitude': get(lat_long, 0),'longitude':get(lat_long, 1)} as lat_long FROM 't'",
            {"lat_long": [47.606, -122.332]},
            {"lat_long": {"latitude": 47.606, "longitude": -122.332}},
        ),
        ("SELECT [lat,long] as lat_long FROM 't'", {"lat": 47.696, "long": -122.332}, {"lat_long": [47.696, -122.332]}),
        (
            (
                "SELECT CASE color WHEN 'green' THEN 'go' WHEN 'yellow' THEN 'caution' ELSE 'none' END as instructions "
                "FROM 't'"
            ),
            {"color": "yellow"},
            {"instructions": "caution"},
        ),
        (
            "SELECT decode(encoded_temp,\"base64\").temperature AS temp from 't'",
            {"encoded_temp": "eyAidGVtcGVyYXR1cmUiOiAzMyB9Cg=="},
            {"temp": 33},
        ),
        (
            (
                "SELECT decode(encode(*, 'base64'), 'base64') AS value FROM 't' "
                "WHERE decode(encode(*, 'base64'), 'base64') > 50"
            ),
            b"80",
            {"value": 80},
        ),
        (
            "SELECT parse_time(\"yyyy.MM.dd G 'at' HH:mm:ss z\", 100000000, 'America/Belize' ) as ts FROM 'A/B'",
            {},
            {"ts": "1970.01.01 AD at 21:46:40 CST"},
        ),
    ],
)
def test_documented_example(sql: str, payload: Any, expected: Any) -> None:
    assert selected(sql, payload) == expected


def test_condition_that_is_not_true_selects_nothing() -> None:
    sql = "SELECT color AS my_color FROM 'topic/subtopic' WHERE temperature > 50 AND color <> 'red'"

    assert selected(sql, {"color": "red", "temperature": 40}) is UNDEFINED
    assert selected(sql, {"color": "blue", "temperature": 51}) == {"my_color": "blue"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("abs(-5)", 5),
        ("acos(0)", 1.5707963267948966),
        ("asin(0)", 0),
        ("atan2(1, 0)", 1.5707963267948966),
        ("bitand(13, 5)", 5),
        ("bitor(8, 5)", 13),
        ("bitxor(13, 5)", 8),
        ("cast(true as Int)", 1),
        ("cast(0 as Boolean)", False),
        ("cast(12 as String)", "12"),
        ("ceil(1.2)", 2),
        ("ceil(-1.2)", -1),
        ("chr(65)", "A"),
        ("clientid()", "kit-1"),
        ("concat(1)", 1),
        ("concat([1, 2, 3], 4)", [1, 2, 3, 4]),
        ("concat([1, 2, 3], 'hello', [4, 5, 6])", [1, 2, 3, "hello", 4, 5, 6]),
        ("concat('he','is','man')", "heisman"),
        ("concat(1, 'hello')", "1hello"),
        ("cosh(2.3)", 5.037220649268761),
        ("endswith('cat','at')", True),
        ("floor(-1.2)", -2),
        ("get(['a', 'b', 'c'], 1)", "b"),
        ("get('abc', 1)", "b"),
        ("indexof('abcd', 'bc')", 1),
        ("isNull(null)", True),
        ("isNull(5)", False),
        ("isUndefined(floor([1,2,3]))", True),
        ("length('hi')", 2),
        ("length(false)", 5),
        ("log(100)", 2),
        ("lower(['HELLO'])", '["hello"]'),
        ("lpad(1, 3)", "   1"),
        ("ltrim(' h i ')", "h i "),
        ("md5('hello')", "5d41402abc4b2a76b9719d911017c592"),
        ("mod(8, 3)", 2),
        ("nanvl(8, 3)", 8),
        ("numbytes('\u20ac')", 3),
        ("power(2, 5)", 32),
        ("principal()", "ab12"),
        ("regexp_matches('aaaa', 'a{2,}')", True),
        ("regexp_matches('aaaa', 'b')", False),
        ("regexp_replace('abcd', 'b(.*)d', '$1')", "ac"),
        ("regexp_substr('hihihello', '(hi)*')", "hihi"),
        ("replace('abcdabcd', 'b', 'x')", "axcdaxcd"),
        ("round(1.5)", 2),
        ("round(-1.5)", -2),
        ("rpad('hello', 2)", "hello  "),
        ("sign(-7)", -1),
        ("sinh(2.3)", 4.936961805545957),
        ("sqrt(9)", 3),
        ("sqrt(0 - 9)", UNDEFINED),
        ("substring('012345', 2.745)", "2345"),
        ("substring(123, 2)", "3"),
        ("substring('012345', -1)", "012345"),
        ("substring(true, 1.2)", "rue"),
        ("substring(false, -2.411E247)", "false"),
        ("substring('012345', 1, 3)", "12"),
        ("substring('012345', 3, 1)", ""),
        ("sql_version()", "2016-03-23"),
        ("time_to_epoch('2020-04-03T09:45:18Z', \"yyyy-MM-dd'T'HH:mm:ss'Z'\")", 1585907118000),
        ("topic()", "topic/subtopic"),
        ("topic(2)", "subtopic"),
        ("topic(3)", UNDEFINED),
        ("trunc(2.3)", 2),
        ("trunc(2.3123, 2)", 2.31),
        ("upper('hello')", "HELLO"),
        ("7 % 3", 1),
        ("7 / 2", 3),
        ("7 / 2.0", 3.5),
        ("1 / 0", UNDEFINED),
        ("'5' - 2", 3),
        ("'a' + 1", "a1"),
        ("1 + true", UNDEFINED),
        ("'5' > 4", True),
        ("'x' > 4", UNDEFINED),
        ("1 = '1'", False),
        ("1 = missing", UNDEFINED),
        ("1 <> '1'", True),
        ("[1, 2] = [1, 2]", True),
        ("NOT 'TRUE'", False),
        ("true OR missing", UNDEFINED),
        ("2 IN [1, 2]", True),
        ("NOT 1 = 2 AND 3 < 4", True),
        ("1 + 2 * 3", 7),
        ("missing", UNDEFINED),
    ],
)
def test_expression(expression: str, expected: Any) -> None:
    found = selected(f"SELECT {expression} AS it FROM 't'", {"present": 1})

    assert found.get("it", UNDEFINED) == expected


def test_whole_decimal_is_an_int_in_the_newer_version_only() -> None:
    sql = "SELECT a / 4 AS it FROM 't'"

    assert selected(sql, b'{"a": 10.0}', NEW) == {"it": 2}
    assert selected(sql, b'{"a": 10.0}', "2015-10-08") == {"it": 2.5}


def test_item_below_another_item_s_value_takes_its_place() -> None:
    assert selected("SELECT a AS x, b AS x.y FROM 't'", {"a": 1, "b": 2}) == {"x": {"y": 2}}


def test_payload_that_is_no_json_goes_on_as_it_is() -> None:
    assert selected("SELECT * FROM 't'", b"\x00hello") == b"\x00hello"


def test_digits_of_a_number_are_kept() -> None:
    query = parse_statement("SELECT a FROM 't'")

    assert select(query, Occasion("t", b'{"a": 21.123456789012345678}', version=NEW)) == {
        "a": Decimal("21.123456789012345678")
    }


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("", "SELECT is expected"),
        ("SELECT", "an expression is expected at the end"),
        ("SELECT * FROM topic", "single quotes"),
        ("SELECT a FROM 't' WHERE", "an expression is expected at the end"),
        ("SELECT a FROM 't' b", "goes on after its end"),
        ("SELECT nonsense(a) FROM 't'", "there is no function nonsense()"),
        ("SELECT get_dynamodb('t', 'k', 'v', 'r') FROM 't'", "is not modelled"),
        ("SELECT abs() FROM 't'", "takes 1 to 1 arguments"),
        ("SELECT cast(a AS colour) FROM 't'", "knows no type"),
        ("SELECT VALUE a, b FROM 't'", "SELECT VALUE takes one expression"),
        ("SELECT \x01 FROM 't'", "is not understood"),
        ("SELECT " + "(" * 400 + "1" + ")" * 400 + " FROM 't'", "too deeply"),
        ("SELECT " + "NOT " * 3000 + "a FROM 't'", "characters"),
        ("SELECT " + "NOT " * 1500 + "a FROM 't'", "too deeply"),
        ("SELECT 1" + " + 1" * 101 + " FROM 't'", "operators"),
    ],
)
def test_statement_that_aws_does_not_take_is_refused(sql: str, why: str) -> None:
    with pytest.raises(SqlError, match=why.replace("(", r"\(").replace(")", r"\)")):
        parse_statement(sql)


def test_pattern_that_could_take_for_ever_gives_undefined_at_once() -> None:
    began = time.process_time()

    payload = {"text": "a" * 40 + "b", "pattern": "(a+)+$"}
    found = selected("SELECT regexp_matches(text, pattern) AS it FROM 't'", payload)

    assert found == {}
    assert time.process_time() - began < 5
