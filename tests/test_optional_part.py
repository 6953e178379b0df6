"""A skip needs a reason that is known and holds."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests import optional_part
from tests.optional_part import OptionalPart, complaint


def test_unknown_reason_is_a_complaint() -> None:
    assert "does not know" in complaint("flaky today")


def test_reason_that_does_not_hold_is_a_complaint(monkeypatch: pytest.MonkeyPatch) -> None:
    there = OptionalPart("the sun", "look up", lambda: True)
    monkeypatch.setattr(optional_part, "PARTS", (there,))

    assert complaint(f"Skipped: {there.reason}") == "skipped although the sun is there"


def test_reason_that_holds_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = OptionalPart("the moon", "wait", lambda: False)
    monkeypatch.setattr(optional_part, "PARTS", (missing,))

    assert complaint(f"Skipped: {missing.reason}") == ""


def test_every_skip_names_a_part() -> None:
    """Each reason comes from a part, which is asked whether it is true; on-kit tests answer in the run report."""
    own = re.compile(r"skipif\(|pytest\.skip\(|mark\.skip\b|\.xfail\b")
    allowed = {"optional_part.py", "test_optional_part.py", "test_blame.py", "test_session.py", "test_controller.py"}
    tests = Path(__file__).parent

    strays = [
        path.relative_to(tests).as_posix()
        for path in tests.rglob("*.py")
        if path.name not in allowed and path.parent != tests / "kit" and own.search(path.read_text(encoding="utf-8"))
    ]

    assert strays == []


@pytest.mark.parametrize("part", optional_part.PARTS, ids=lambda part: part.name)
def test_reason_of_each_part_is_judged_by_its_own_look(part: OptionalPart, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [replace(one, is_there=lambda: False) if one is part else one for one in optional_part.PARTS]
    monkeypatch.setattr(optional_part, "PARTS", parts)

    assert complaint(f"Skipped: {part.reason}") == ""
