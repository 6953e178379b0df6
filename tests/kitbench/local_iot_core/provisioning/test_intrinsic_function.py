"""The functions of templates, and what they refuse."""

from typing import Any

import pytest

from kitbench.local_iot_core.provisioning.intrinsic_function import Scope, TemplateError, resolve

SCOPE = Scope({"A": "1", "B": "b", "List": "x,y,z"}, {"M": {"b": {"k": "found"}}})


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "A"}, "1"),
        ({"Fn::Join": ["-", [{"Ref": "A"}, "c"]]}, "1-c"),
        ({"Fn::Select": ["1", {"Fn::Split": [",", {"Ref": "List"}]}]}, "y"),
        ({"Fn::Select": [0, ["q"]]}, "q"),
        ({"Fn::Sub": ["${A}/${c}", {"c": {"Ref": "B"}}]}, "1/b"),
        ({"Fn::Sub": "${B}"}, "b"),
        ({"Fn::FindInMap": ["M", {"Ref": "B"}, "k"]}, "found"),
        ({"a": {"Ref": "A"}, "b": ["t", {"Ref": "B"}]}, {"a": "1", "b": ["t", "b"]}),
        ("text", "text"),
    ],
)
def test_function(value: Any, resolved: Any) -> None:
    assert resolve(value, SCOPE) == resolved


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "C"},
        {"Ref": ["A"]},
        {"Fn::Join": ["-"]},
        {"Fn::Join": ["-", "no list"]},
        {"Fn::Select": ["3", ["a"]]},
        {"Fn::Select": ["-1", ["a"]]},
        {"Fn::Split": ["", "a"]},
        {"Fn::Sub": "${C}"},
        {"Fn::Sub": 5},
        {"Fn::FindInMap": ["M", "b", "nothing"]},
        {"Fn::GetAtt": ["a", "b"]},
        {"Fn::Join": ["-", [None]]},
    ],
)
def test_what_cannot_be_carried_out_is_refused(value: Any) -> None:
    with pytest.raises(TemplateError):
        resolve(value, SCOPE)
