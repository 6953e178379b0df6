"""Every command's help shows an example and what its exit status says."""

import click
import pytest
from click.testing import CliRunner

from kitbench.command_line import COMMANDS, cli, run


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_has_an_example_and_the_exit_codes(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])

    assert result.exit_code == 0
    assert "Example" in result.output
    assert "Exit status" in result.output
    assert "\\b" not in result.output


def test_usage_errors_exit_with_3() -> None:

    assert run(click.Command("x"), ["--no-such-option"]) == 3
