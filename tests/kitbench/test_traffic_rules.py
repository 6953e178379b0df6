from pathlib import Path
from typing import Any

import pytest

from kitbench.errors import UsageError
from kitbench.traffic_rules import TrafficRules, parse_traffic, read_traffic_rules


def test_nothing_said_is_the_usual() -> None:
    assert parse_traffic({}) == read_traffic_rules(None) == TrafficRules()


def test_every_rule_can_be_set() -> None:
    table = {"messages": 3, "longest_wait": 120, "serial": False, "nonce": False, "topic": "class/esp32"}
    table |= {"counter": True, "qos": [0, 1], "interval": [0.5, 2]}

    rules = parse_traffic(table)

    assert rules == TrafficRules(3, 120, False, False, "class/esp32", True, (0, 1), (0.5, 2))


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"mesages": 3}, "did you mean 'messages'?"),
        ({"zzz": 3}, "known are counter, "),
        ({"messages": 1}, "expected 2 to 1000"),
        ({"messages": True}, "messages is true"),
        ({"serial": "no"}, "serial is 'no'"),
        ({"longest_wait": 0}, "expected 1 to 3600"),
        ({"longest_wait": float("nan")}, "expected 1 to 3600"),
        ({"qos": [1.0]}, "expected a list of whole numbers"),
        ({"topic": "$aws/things"}, "topics are AWS's"),
        ({"topic": "class/#"}, "without wildcards"),
        ({"qos": [2]}, "expected some of 0 and 1"),
        ({"interval": [2, 1]}, "the least and the most"),
        ({"interval": [1]}, "interval is"),
    ],
)
def test_mistakes_are_told(table: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=r"(?s).*" + why.replace("?", r"\?")):
        parse_traffic(table)


def test_students_can_read_what_is_asked() -> None:
    asked = TrafficRules(topic="class/esp32", counter=True, qos=(0, 1), interval=(1, 2)).asked()

    assert len(asked) == 7
    assert "a random word published in the cloud appears on the serial line" in asked
    assert len(TrafficRules(serial=False, nonce=False).asked()) == 1


def test_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*rubric\.toml"):
        read_traffic_rules(tmp_path / "rubric.toml")
    (tmp_path / "rubric.toml").write_text("[traffic]\nnonces = false\n")
    with pytest.raises(UsageError, match=r"rubric\.toml: \[traffic\] has no field 'nonces': did you mean 'nonce'\?"):
        read_traffic_rules(tmp_path / "rubric.toml")


def test_rubric_too_deep_to_read_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "rubric.toml").write_text("a = " + "[" * 20_000)

    with pytest.raises(UsageError, match=r"rubric\.toml: "):
        read_traffic_rules(tmp_path / "rubric.toml")
