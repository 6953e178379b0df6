"""`kitbench check` as students type it: by the grader's reader and auditor; what needs a kit is in the slow test."""

import json
from pathlib import Path

import pytest

from grading.check import check_command
from grading.check.check_command import command
from grading.running.bench import CommandLineBench
from grading.variant import Variant
from kitbench.command_line import run
from kitbench.errors import UsageError
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


def test_board_and_version_reach_the_bench_as_from_the_grader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "wired.toml").write_text("[parts.lamp]\nkind = 'LED'\npin = 12\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    commands: list[list[str]] = []

    def look(_source: Path, _given: object, _out: object, bench: CommandLineBench, *_rest: object) -> None:
        commands.append(bench._suite_command("virtual", tmp_path, Variant.EMBEDDED_KEY, tmp_path, tmp_path))
        raise UsageError("seen")

    monkeypatch.setattr(check_command, "check", look)
    check("mine", "--board", "wired.toml", "--idf", "4.4")
    check("mine", "--board", "lab")

    assert {f"--board={tmp_path / 'wired.toml'}", "--idf=4.4"} <= set(commands[0])
    assert "--board=lab" in commands[1]
    assert not [one for one in commands[1] if one.startswith("--idf")]
    assert "seen" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["/no/such/folder"],
        ["MINE", "--only", "trafic"],
        ["MINE", "--rubric", "/no/such.toml"],
        ["MINE", "--endpoint", "a b"],
        ["MINE", "--certificate-sha256", "12"],
        ["MINE", "--output", "MINE"],
        ["MINE", "--board", "no_such_board"],
        ["MINE", "--board", "/no/such.toml"],
        ["MINE", "--idf", "3.3"],
    ],
)
def test_usage_errors_exit_3_with_one_line(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "README.md").write_text("mine")

    assert check(*(str(tmp_path) if one == "MINE" else one for one in arguments)) == 3
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
