from pathlib import Path

from click.testing import CliRunner

from grading.checks_command import command
from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus

RUBRIC = """title = "T"
[traffic]
messages = 9
[[criterion]]
id = "talks"
title = "Talks"
points = 2
text = "It talks."
[[criterion.checks]]
variant = "embedded_key"
criterion = "{0}"
"""


def test_everything_that_can_be_asked_for_is_listed() -> None:
    done = CliRunner().invoke(command, [], standalone_mode=False)

    assert done.return_value == ExitStatus.GOOD
    for name in ("endpoint_in_answers", "kit_refuses_hostile_endpoints", "longest_wait = 60.0", "criterion traffic"):
        assert name in done.output


def test_rubric_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "rubric.toml").write_text(RUBRIC.format("traffic"), encoding="utf-8")

    done = CliRunner().invoke(command, [str(tmp_path)], standalone_mode=False)

    assert "Talks (2): It talks." in done.output
    assert "embedded_key: 9 messages arrive" in done.output


def test_mistake_in_a_rubric_is_told(tmp_path: Path) -> None:
    (tmp_path / "rubric.toml").write_text(RUBRIC.format("trafic"), encoding="utf-8")

    done = CliRunner().invoke(command, [str(tmp_path)], standalone_mode=False)

    assert isinstance(done.exception, UsageError)
    assert "did you mean 'traffic'?" in str(done.exception)


def test_checks_of_the_classs_own_can_be_asked_for(tmp_path: Path) -> None:
    own = 'import pytest\npytestmark = pytest.mark.criterion("led")\ndef test_led():\n    "The LED is on."\n'
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "test_led.py").write_text(own, encoding="utf-8")
    (tmp_path / "rubric.toml").write_text(RUBRIC.format("led"), encoding="utf-8")

    done = CliRunner().invoke(command, [str(tmp_path)], standalone_mode=False)

    assert "embedded_key: The LED is on." in done.output
