"""Every command's help shows an example and what its exit status says."""

import click
import pytest
from click.testing import CliRunner

from kitbench.command_line import COMMANDS, TRACEBACK, cli, run


def below(name: str) -> list[tuple[str, ...]]:
    """Return a command's words, and those of each command that it groups."""
    command = cli.get_command(click.Context(cli), name)
    return [(name,), *((name, one) for one in (command.commands if isinstance(command, click.Group) else ()))]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_has_an_example_and_the_exit_codes(name: str) -> None:
    for words in below(name):
        check_help(words)


def check_help(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*words, "--help"])

    assert result.exit_code == 0
    assert "Example" in result.output
    assert "Exit status" in result.output
    assert "\\b" not in result.output


@pytest.mark.parametrize("error", [KeyError("a\x1b[31m\nforged: all passed"), OSError("disk"), ValueError("x" * 9000)])
def test_error_that_nobody_foresaw_is_one_line_and_never_exits_with_1(
    error: Exception, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise error

    command = click.Command("x", callback=fail)
    assert run(command, []) == 2
    said = capsys.readouterr().err
    assert "this is a fault of kitbench" in said
    assert said.startswith(f"kitbench: {type(error).__name__}: ")
    assert len(said.splitlines()) == 1
    assert "\x1b" not in said
    assert len(said) < 500

    monkeypatch.setenv(TRACEBACK, "1")
    assert run(command, []) == 2
    assert "Traceback" in capsys.readouterr().err


def test_usage_errors_exit_with_3() -> None:

    assert run(click.Command("x"), ["--no-such-option"]) == 3
