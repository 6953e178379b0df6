"""Names of files in Kconfig: whatever they are made of, they are one string, or refused."""

import os
from pathlib import Path

import pytest
from esp_kconfiglib import core
from hypothesis import given
from hypothesis import strategies as st

from kitbench.quoting.kconfig import quoted

AWKWARD = ['"', "\\", "a b", "(", "#", "'", "[ab]", "*", "é€", 'a\\"b', "config X", "\\\\"]


def read_back(text: str, folder: Path) -> str:
    """Return what the evaluator takes a quoted text for."""
    file = folder / "Kconfig"
    file.write_text(f"config X\n    string\n    default {text}\n", encoding="utf-8")
    value: str = core.Kconfig(str(file), warn=False).syms["X"].str_value
    return value


@pytest.mark.parametrize("text", AWKWARD)
def test_evaluator_reads_what_was_written(tmp_path: Path, text: str) -> None:
    assert read_back(quoted(text), tmp_path) == text


def test_control_unquoted_macro_is_called(tmp_path: Path) -> None:
    assert read_back('"$(shell,echo called)"', tmp_path) == "called"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_text_is_one_string_or_refused(text: str) -> None:
    try:
        written = quoted(text)
    except ValueError:
        assert "$" in text or not text.isprintable()
        return
    assert "\n" not in written
    assert written[1:-1].replace("\\\\", "").replace('\\"', "").count('"') == 0


@pytest.mark.parametrize("text", ["a\nb", "\r", "\x1b[31m", "\u2028", os.fsdecode(b"\xff")])
def test_what_no_line_can_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="control characters"):
        quoted(text)


@pytest.mark.parametrize("text", ["$(shell,id)", "$(", "${HOME}", "$HOME", "a\\$(shell,id)"])
def test_what_would_be_expanded_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="dollar sign"):
        quoted(text)
