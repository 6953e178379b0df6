"""`kitbench kits scan` on virtual kits."""

import json
import tomllib
from pathlib import Path

import pytest

from kitbench.command_line import cli, run
from kitbench.exit_status import ExitStatus
from kitbench.virtual_kit.kit import VirtualKit


def test_kits_found_are_written_and_what_does_not_answer_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = tmp_path / "bench.toml"
    with VirtualKit() as one:
        ports = ["--port", one.url, "--port", "/dev/no-such-port"]
        status = run(cli, ["kits", "scan", *ports, "--write", "--bench", str(bench)])

    lines = capsys.readouterr().out.splitlines()
    assert status == ExitStatus.FOUND_OR_FAILED
    assert lines[0].startswith(f"{one.url} (named): ESP32, MAC ")
    assert lines[1].startswith("/dev/no-such-port (named): no kit: no kit answers")
    assert tomllib.loads(bench.read_text())["kits"]["kit1"]["port"] == one.url


def test_list_says_what_all_means_and_which_kits_are_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = tmp_path / "bench.toml"
    with VirtualKit() as one:
        bench.write_text(
            f'[kits.red]\nport = "{one.url}"\n[kits.blue]\nport = "/dev/no-such-port"\n[kits.lost]\nport = ""\n'
        )
        status = run(cli, ["kits", "list", "--bench", str(bench), "--json"])

    listed = json.loads(capsys.readouterr().out)
    assert status == ExitStatus.GOOD
    assert [(kit["name"], kit["kind"], kit["is_there"]) for kit in listed] == [
        ("red", "attached", True),
        ("blue", "attached", False),
    ]


def test_name_of_no_kit_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(cli, ["kits", "list", "--bench", str(tmp_path / "no.toml")]) == ExitStatus.USAGE
    assert "no.toml" in capsys.readouterr().err
