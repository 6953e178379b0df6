import io

from rich.console import Console

from grading.running.progress import shown_on
from tests.grading.results import result


def shown(*, terminal: bool) -> str:
    text = io.StringIO()
    with shown_on(Console(file=text, force_terminal=terminal, width=100)) as progress:
        progress.show("s01", "build [bold]", 0.3)
        progress.finish(result())
    return text.getvalue()


def test_terminal_gets_a_bar_with_the_stage() -> None:
    text = shown(terminal=True)

    assert "━" in text
    assert "5 points" in text


def test_log_gets_a_line_for_each_stage() -> None:
    lines = shown(terminal=False).splitlines()

    assert len(lines) == 2
    assert lines[0].endswith("s01: build [bold]")
    assert lines[1].endswith("s01: 5 points")
