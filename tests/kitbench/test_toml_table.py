from typing import Any

import pytest

from kitbench.toml_table import FLAG, Field, check_table, is_list_of, is_number, is_text, is_whole, shown

FIELDS = {
    "name": Field("a text", is_text, needed=True),
    "on": FLAG,
    "most": Field("a whole number", is_whole),
    "pace": Field("a number", is_number),
    "words": Field("a list of texts", is_list_of(is_text)),
}


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"nmae": "x"}, "[lamp] has no field 'nmae': did you mean 'name'?"),
        ({"NAME": "x"}, "[lamp] has no field 'NAME': did you mean 'name'?"),
        ({}, "[lamp] has no 'name': expected a text"),
        ({"name": " "}, "[lamp]: name is ' ', expected a text"),
        ({"name": "x", "on": 1}, "[lamp]: on is 1, expected true or false"),
        ({"name": "x", "most": True}, "[lamp]: most is true, expected a whole number"),
        ({"name": "x", "most": 1.0}, "[lamp]: most is 1.0, expected a whole number"),
        ({"name": "x", "pace": "1"}, "[lamp]: pace is '1', expected a number"),
        ({"name": "x", "words": "ab"}, "[lamp]: words is 'ab', expected a list of texts"),
        ({"name": "x", "words": ["a", 1]}, "[lamp]: words is ['a', 1], expected a list of texts"),
        ([], "[lamp] is [], expected a table"),
    ],
)
def test_first_mistake_is_told_with_what_was_expected(table: Any, why: str) -> None:
    with pytest.raises(ValueError, match=r"^\[lamp\]") as told:
        check_table("[lamp]", table, FIELDS)

    assert str(told.value) == why


def test_what_is_as_it_should_be_passes() -> None:
    check_table("[lamp]", {"name": "x", "on": False, "most": 3, "pace": 0.5, "words": ["a"]}, FIELDS)


def test_long_values_are_cut() -> None:
    assert len(shown("x" * 1000)) == 61
