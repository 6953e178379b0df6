"""What a process that read a stranger's files may say: values of the expected types, and nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grading.variant import Variant
from kitbench.confinement.checked_json import LONGEST_TEXT, from_json, to_json


@dataclass(frozen=True)
class Inner:
    number: int
    is_good: bool = True


@dataclass(frozen=True)
class Outer:
    text: str | None
    items: tuple[Inner, ...]
    places: Mapping[Variant, Path]
    either: Inner | str


@pytest.mark.parametrize("text", [None, "x\n\u2028\ud800"])
def test_value_comes_back_as_it_was(tmp_path: Path, text: str | None) -> None:
    value = Outer(text, (Inner(1), Inner(-2, is_good=False)), {Variant.ATECC608A: tmp_path / "a" / "b"}, Inner(3))

    said = json.loads(json.dumps(to_json(value, tmp_path)))

    assert from_json(Outer, said, tmp_path) == value


def test_what_has_a_default_may_be_missing(tmp_path: Path) -> None:
    assert from_json(Inner, {"number": 1}, tmp_path) == Inner(1)


GOOD: dict[str, Any] = {"text": "x", "items": [], "places": {"atecc608a": "a"}, "either": "x"}


@pytest.mark.parametrize(
    "change",
    [
        {"text": 5},
        {"text": "x" * (LONGEST_TEXT + 1)},
        {"items": {}},
        {"items": [{"number": True, "is_good": True}]},
        {"items": [{"number": 1.5, "is_good": True}]},
        {"items": [{"is_good": True}]},
        {"items": [{"number": 1, "is_good": True, "more": 1}]},
        {"items": [{"number": 1, "is_good": True}] * 66_000},
        {"places": {"atecc608a": "../x"}},
        {"places": {"atecc608a": "/etc/passwd"}},
        {"places": {"atecc608a": "link/passwd"}},
        {"places": {"another": "a"}},
        {"either": None},
    ],
)
def test_anything_else_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    (tmp_path / "link").symlink_to("/etc")
    assert from_json(Outer, GOOD, tmp_path).text == "x"

    with pytest.raises(ValueError, match=r".+"):
        from_json(Outer, GOOD | change, tmp_path)


@pytest.mark.parametrize(
    "items", [["a", 1], ["a", None], ["a", ["b"]], ["a", "x" * (LONGEST_TEXT + 1)], "ab", {"a": "b"}]
)
def test_list_of_texts_holds_texts_alone(tmp_path: Path, items: object) -> None:
    assert from_json(tuple[str, ...], ["a", "b"], tmp_path) == ("a", "b")

    with pytest.raises(ValueError, match=r"expected|too long"):
        from_json(tuple[str, ...], items, tmp_path)
