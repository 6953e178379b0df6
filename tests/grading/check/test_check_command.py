"""`kitbench check` as students type it: by the grader's reader and auditor; what needs a kit is in the slow test."""

import json
from pathlib import Path

import pytest

from grading.check.check_command import command
from kitbench.command_line import run
from tests.grading.handed_in import hand_in


def check(*arguments: str | Path) -> int:
    return run(command, list(map(str, arguments)))


def test_cwd_is_checked_and_a_record_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(hand_in(tmp_path / "mine"))

    status = check("--only", "security_analysis")

    printed = capsys.readouterr().out
    assert status == 1  # its dump is of no kit
    assert "lost: security_analysis: dump_is_whole: flash.bin is not the flash of a kit" in printed
    assert "kept: security_analysis: certificate_is_registered" in printed
    assert "to do: security_analysis: dump_holds_the_key: build with your own certificate" in printed
    assert "not evidence" in printed
    table = json.loads(Path("kitbench-check/check.json").read_text())
    assert table["criteria"][0]["standing"] == "lost"
    assert Path("kitbench-check/evidence/audit-embedded_key/verdict.json").is_file()


def test_nothing_there_yet_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "new").mkdir()

    assert check(tmp_path / "new") == 2
    assert "0 of 5 points: 0 kept, 0 lost, 5 not shown yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["/no/such/folder"],
        ["MINE", "--only", "trafic"],
        ["MINE", "--rubric", "/no/such.toml"],
        ["MINE", "--endpoint", "a b"],
        ["MINE", "--certificate-sha256", "12"],
        ["MINE", "--output", "MINE"],
    ],
)
def test_usage_errors_exit_3_with_one_line(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "README.md").write_text("mine")

    assert check(*(str(tmp_path) if one == "MINE" else one for one in arguments)) == 3
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
