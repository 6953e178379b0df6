"""A skip needs a reason that is known and holds."""

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
