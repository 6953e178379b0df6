"""Remarks beside the serial line."""

import io

import pytest

from kitbench.bench.project_run.remark_screen import RemarkScreen
from kitbench.bench.project_run.set_up_remarks import Remark


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_remark_begins_a_line_of_its_own() -> None:
    stream = io.StringIO()
    screen = RemarkScreen(stream)

    screen.follow("> half a line")
    screen.show(Remark("cloud", "refused"))

    assert stream.getvalue() == "\n--- cloud: refused\n"


def test_kit_that_tries_again_and_again_is_told_of_seldom() -> None:
    stream = io.StringIO()
    screen = RemarkScreen(stream)

    for _ in range(150):
        screen.show(Remark("kit", "wrong port"))

    assert stream.getvalue().splitlines() == [
        "--- kit: wrong port",
        "--- kit: wrong port (10 times)",
        "--- kit: wrong port (100 times)",
    ]


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = Terminal()
    RemarkScreen(coloured).show(Remark("kit", "x"))
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    RemarkScreen(plain).show(Remark("kit", "x"))

    assert coloured.getvalue() == "\x1b[33m--- kit: x\x1b[0m\n"
    assert plain.getvalue() == "--- kit: x\n"
