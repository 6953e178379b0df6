"""`--rubric` means the same in every command that has it."""

from pathlib import Path
from typing import Final

import click
import pytest

from grading.marking.rubric import read_rubric
from kitbench.command_line import COMMANDS, cli
from kitbench.errors import UsageError
from kitbench.installation import named_rubric


def _rubric_options() -> dict[str, click.Option]:
    """Return the option of each command that has one."""
    context = click.Context(cli)
    commands = {name: command for name in COMMANDS if (command := cli.get_command(context, name)) is not None}
    return {
        name: option
        for name, command in commands.items()
        for option in command.params
        if isinstance(option, click.Option) and "--rubric" in option.opts
    }


OPTIONS: Final = _rubric_options()


def test_commands_with_a_rubric_are_found() -> None:
    assert {"grade", "check", "checks", "rescore", "rubric"} <= set(OPTIONS)


@pytest.mark.parametrize("name", OPTIONS)
def test_every_command_takes_a_rubric_by_its_name(name: str) -> None:
    option = OPTIONS[name]
    context = click.Context(click.Command(name, params=[option]))

    value = option.process_value(context, "course_2024")

    assert value == named_rubric(Path("course_2024"))
    assert read_rubric(value).title


@pytest.mark.parametrize("name", OPTIONS)
def test_file_stays_what_it_is(name: str, tmp_path: Path) -> None:
    option = OPTIONS[name]

    assert option.process_value(click.Context(click.Command(name)), str(tmp_path / "own.toml")) == tmp_path / "own.toml"


def test_folder_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r": Is a directory$") as caught:
        read_rubric(tmp_path)

    assert "Errno" not in str(caught.value)
