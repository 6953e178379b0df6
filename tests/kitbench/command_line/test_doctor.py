"""The doctor's command on a machine that has nothing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kitbench.command_line.doctor import command


def test_a_bare_machine_gives_lines_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    result = CliRunner().invoke(command, ["--json"], standalone_mode=False)

    lines = {line["subject"]: line for line in json.loads(result.output)}
    assert result.return_value == 0
    assert lines["python"]["state"] == "ok"
    assert lines["ESP-IDF"]["state"] == "warn"
    assert lines["ESP-IDF"]["fix"]


def test_missing_kit_and_credentials_fail_with_their_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    result = CliRunner().invoke(
        command, ["--json", "--kit", "/dev/no-such-port", "--cloud", "aws"], standalone_mode=False
    )

    lines = {line["subject"]: line for line in json.loads(result.output)}
    assert result.return_value == 1
    assert "does not exist" in lines["port"]["detail"]
    assert lines["AWS identity"]["state"] == "fail"
    assert lines["AWS identity"]["fix"]


def test_missing_qemu_fails_only_where_it_is_to_be_the_kit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    states = {}
    for kit in ("virtual", "qemu"):
        result = CliRunner().invoke(command, ["--json", "--kit", kit], standalone_mode=False)
        lines = {line["subject"]: line for line in json.loads(result.output)}
        states[kit] = (result.return_value, lines["QEMU"]["state"])
        assert "serial ports" not in lines

    assert states == {"virtual": (0, "ok"), "qemu": (1, "fail")}
    assert "install qemu-xtensa" in lines["QEMU"]["fix"]


@pytest.mark.parametrize("text", ["[bench]\nkit = 5", "[bench", "[bensh]", "[bench]\ncloud = 'azure'"])
def test_mistake_in_the_description_is_a_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(text, encoding="utf-8")

    result = CliRunner().invoke(command, ["--json", "--bench", str(path)], standalone_mode=False)

    lines = {line["subject"]: line for line in json.loads(result.output)}
    assert (result.return_value, lines["bench.toml"]["state"]) == (1, "fail")


def test_screen_of_few_letters_has_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")

    result = CliRunner(charset="ascii").invoke(command, ["--kit", "/dev/no-such-port"], standalone_mode=False)

    assert result.exception is None
    assert "? check the cable" in result.output


def test_screen_shows_brackets_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")

    result = CliRunner().invoke(command, ["--kit", "/dev/no-such-[/port]"], standalone_mode=False)

    assert result.exception is None
    assert "/dev/no-such-[/port] does not exist" in result.output
    assert "→ [wifi] in bench.toml" in result.output
