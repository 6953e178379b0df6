import re
from pathlib import Path
from typing import Any

import pytest

from grading.marking.rubric import parse_rubric, read_rubric
from kitbench.errors import UsageError


def rubric(**changes: Any) -> dict[str, Any]:
    criterion = {"id": "a", "title": "A", "points": 1, "text": "", "requires": ["endpoint_in_dump"]}
    return {"title": "T", "criterion": [criterion | changes]}


def test_course_rubric_has_four_points_and_a_bonus() -> None:
    course = read_rubric()

    assert (course.points, course.bonus_points) == (4, 1)
    assert [one.id for one in course.criteria] == [
        "endpoint", "connects", "traffic", "security_analysis", "secure_element",
    ]  # fmt: skip
    assert course.manual


@pytest.mark.parametrize(
    "table",
    [
        {"title": "T"},
        {"title": "T", "criterion": []},
        rubric(requires=["no_such_requirement"]),
        rubric(requires=[]),
        rubric(points=0),
        rubric(points=-1),
        rubric(colour="red"),
        rubric(checks=[{"variant": "no_such_variant", "criterion": "connects"}]),
        rubric() | {"criterion": rubric()["criterion"] * 2},
        rubric() | {"unknown": 1},
    ],
)
def test_malformed_rubric_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_rubric(table)


KIT = {"variant": "embedded_key", "criterion": "traffic"}


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (rubric(requires="dump_is_whole"), "criterion 'a': requires is 'dump_is_whole', expected a list of names"),
        (rubric(requires=[5]), "criterion 'a': requires is [5], expected a list of names"),
        (rubric(requires=["policy_refuses_it"]), "checks of the kit go under [[criterion.checks]] must_run"),
        (rubric(checks=KIT), "expected tables, each written [[criterion.checks]]"),
        (rubric(checks=["traffic"]), "expected tables, each written [[criterion.checks]]"),
        (rubric(checks=[KIT | {"must_run": "nonce"}]), "must_run is 'nonce', expected a list of names"),
        (rubric(checks=[KIT | {"variant": "embeded_key"}]), "did you mean 'embedded_key'?"),
        (rubric(checks=[KIT | {"variant": ["embedded_key"]}]), "variant is ['embedded_key'], expected a text"),
        (rubric(checks=[{"variant": "embedded_key"}]), "[[criterion.checks]] of criterion 'a' has no 'criterion'"),
        (rubric(points="1"), "criterion 'a': points is '1', expected a number"),
        (rubric(points=True), "criterion 'a': points is true, expected a number"),
        (rubric(points=float("nan")), "criterion 'a' is worth nan points"),
        (rubric(text=4), "criterion 'a': text is 4, expected a text"),
        (rubric(id=7), "criterion 7: id is 7, expected a text"),
        (rubric(bonus="no"), "criterion 'a': bonus is 'no', expected true or false"),
        (rubric() | {"criterion": rubric()["criterion"][0]}, "expected tables, each written [[criterion]]"),
        (rubric() | {"criterion": ["a"]}, "expected tables, each written [[criterion]]"),
        (rubric() | {"manual": {"id": "m"}}, "expected tables, each written [[manual]]"),
        (rubric() | {"manual": [{"id": "m", "title": "M"}]}, "manual criterion 'm' has no 'text'"),
        (rubric() | {"offset_tolerance": "15"}, "offset_tolerance is '15', expected a whole number of bytes"),
        (rubric() | {"message_budget": 0}, "message_budget is 0, expected a whole number above 0"),
        (rubric() | {"witness": "require"}, "did you mean 'required'?"),
        (rubric() | {"witness": ["required"]}, "witness is ['required'], expected a text"),
        (rubric() | {"traffic": [{"messages": 5}]}, "expected a table, written [traffic]"),
        (rubric() | {"late": 3}, "expected a table, written [late]"),
    ],
)
def test_mistakes_are_told_with_what_was_expected(table: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        parse_rubric(table)


def test_criterion_of_the_nonce_alone_is_none_where_the_nonce_is_left_out() -> None:
    checks = [KIT | {"must_run": ["nonce_from_the_cloud_appears_on_the_serial_line"]}]

    with pytest.raises(ValueError, match=r"alone, which \[traffic\] nonce = false leaves out"):
        parse_rubric(rubric(requires=[], checks=checks) | {"traffic": {"nonce": False}})


@pytest.mark.parametrize("text", ["not toml", "title = 'T'", None])
def test_unreadable_rubric_is_a_usage_error(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "rubric.toml").write_text(text, encoding="utf-8")

    with pytest.raises(UsageError):
        read_rubric(tmp_path / "rubric.toml")


def test_rubric_too_deep_to_read_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "rubric.toml").write_text("a = " + "[" * 20_000)

    with pytest.raises(UsageError, match=r"rubric\.toml: "):
        read_rubric(tmp_path / "rubric.toml")
