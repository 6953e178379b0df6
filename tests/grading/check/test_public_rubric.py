"""What students get of a rubric says nothing of what is hidden, and reads as the rest of it."""

import tomllib

import pytest

from grading.check.public_rubric import public_rubric
from grading.marking.rubric import Rubric, parse_rubric, rubric_text
from kitbench.errors import UsageError

SECRET = """
# The trap: who hard-codes 42 is found out.
[[criterion]]
id = "trap"
title = "The trap"
points = 2
hidden = true
text = "Nobody tells."
requires = ["dump_is_whole"]

[[manual]]
id = "whisper"
title = "A whisper"
text = "Nor this."
hidden = true
"""


def rubric(text: str) -> Rubric:
    return parse_rubric(tomllib.loads(text))


def test_hidden_criteria_and_comments_are_left_out() -> None:
    public = public_rubric(rubric_text() + SECRET)

    assert rubric(public) == rubric(rubric_text())
    assert not [word for word in ("trap", "42", "hidden", "Nobody", "whisper", "#") if word in public.split("\n", 1)[1]]


def test_control_what_is_not_hidden_stays() -> None:
    shown = SECRET.replace("hidden = true", "hidden = false")

    public = public_rubric(rubric_text() + shown)

    assert rubric(public).criteria[-1].id == "trap"
    assert rubric(public).manual[-1].id == "whisper"


def test_rubric_of_nothing_but_hidden_criteria_has_no_public_copy() -> None:
    with pytest.raises(UsageError, match="every criterion is hidden"):
        public_rubric('title = "t"\n' + SECRET)


@pytest.mark.parametrize("value", ['"yes"', "1", "[]"])
def test_hidden_is_true_or_false(value: str) -> None:
    for name in ("criterion", "manual"):
        before, table, after = (rubric_text() + SECRET).rpartition(f"[[{name}]]")
        with pytest.raises(ValueError, match="expected true or false"):
            rubric(before + table + after.replace("hidden = true", f"hidden = {value}"))
