"""The doctor's command on a machine that has nothing."""

import json

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
    assert lines["ESP-IDF"]["mend"]


def test_missing_kit_and_credentials_fail_with_their_mend(monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert lines["AWS identity"]["mend"]


def test_missing_qemu_fails_only_where_it_is_to_be_the_kit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    states = {}
    for kit in ("virtual", "qemu"):
        result = CliRunner().invoke(command, ["--json", "--kit", kit], standalone_mode=False)
        lines = {line["subject"]: line for line in json.loads(result.output)}
        states[kit] = (result.return_value, lines["QEMU"]["state"])
        assert "serial ports" not in lines

    assert states == {"virtual": (0, "ok"), "qemu": (1, "fail")}
    assert "install qemu-xtensa" in lines["QEMU"]["mend"]
