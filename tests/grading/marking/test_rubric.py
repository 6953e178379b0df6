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
    with pytest.raises((KeyError, TypeError, ValueError)):
        parse_rubric(table)


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
