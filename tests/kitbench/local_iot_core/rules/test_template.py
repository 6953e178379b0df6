"""Substitution templates: expressions in the text of an action's parameter."""

import pytest

from kitbench.local_iot_core.rules.evaluation import Occasion
from kitbench.local_iot_core.rules.syntax import SqlError
from kitbench.local_iot_core.rules.template import parse_template

OCCASION = Occasion("lab/kit7/data", b'{"n": 7, "who": "kit", "deep": {"x": 1}}')


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("", ""),
        ("${n}", "7"),
        ("a/${who}/b/${topic(2)}", "a/kit/b/kit7"),
        ("${'}'}${n}", "}7"),
        ("${concat('{', who, '}')}", "{kit}"),
        ("$n {n}", "$n {n}"),
    ],
)
def test_filled(text: str, filled: str) -> None:
    assert parse_template(text).fill(OCCASION) == filled


@pytest.mark.parametrize("text", ["${n", "${concat('}'", "a ${"])
def test_open_brace_is_refused_when_the_rule_is_made(text: str) -> None:
    with pytest.raises(SqlError, match="not closed"):
        parse_template(text)


def test_what_is_undefined_fills_nothing() -> None:
    with pytest.raises(SqlError, match="Undefined for this message"):
        parse_template("x${nothing}").fill(OCCASION)
