"""`kitbench sweep`: what it says and with which status it ends."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kitbench.cloud.endpoint import local_endpoint
from kitbench.cloud.things.client_identity import Topics
from kitbench.cloud.things.ledger import open_ledger
from kitbench.cloud.things.names import Run
from kitbench.cloud.things.provisioning import provision
from kitbench.command_line import cli, run

_EXPIRED = Run("0123456789", 1)


@pytest.fixture(name="core", scope="module")
def _core() -> Iterator[str]:
    """The line of a running local IoT core."""
    arguments = [sys.executable, "-m", "kitbench", "local-iot-core", "--json", "--die-with-parent"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline()
        process.terminate()
        process.wait(60)


@pytest.fixture(name="sweep")
def _sweep(core: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command against the local IoT core: status, output, errors."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    line = tmp_path / "core.json"
    line.write_text(core)

    def sweep(*options: str) -> tuple[int, str, str]:
        status = run(cli, ["sweep", "--cloud", "local", "--local-iot-core", str(line), *options])
        output = capfd.readouterr()
        return status, output.out, output.err

    return sweep


def _abandon(core: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    endpoint = local_endpoint(core)
    with monkeypatch.context() as patch, open_ledger(endpoint.cloud_id, folder=folder, run=_EXPIRED) as ledger:
        patch.setattr("kitbench.cloud.things.provisioning.settle", lambda *_, **__: None)
        with provision(endpoint, ledger, topics=Topics.both("t")) as kit:
            return kit.thing_name


def test_clean_account_is_said(sweep: Any) -> None:
    assert sweep() == (0, "nothing of ours in the account\n", "")


def test_dry_run_shows_what_and_why_and_ends_with_1(
    sweep: Any, core: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = _abandon(core, tmp_path / "lost", monkeypatch)

    status, out, _ = sweep("--dry-run")

    assert status == 1
    assert f"would delete thing {name} (name and attributes: run 0123456789, expires 1970-01-01T00:00:01Z)" in out
    status, out, _ = sweep()
    assert status == 0
    assert f"deleted policy {name}" in out
    assert sweep()[1] == "nothing of ours in the account\n"


def test_ledger_of_a_dead_run_is_settled(
    sweep: Any, core: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = _abandon(core, tmp_path / "state" / "kitbench" / "ledger", monkeypatch)

    status, out, _ = sweep()

    assert status == 0
    assert f"deleted thing {name} (in the ledger 0123456789.ledger of a run that died)" in out


def test_json_is_one_object(sweep: Any, core: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = _abandon(core, tmp_path / "lost", monkeypatch)

    status, out, _ = sweep("--json")

    report = json.loads(out)
    assert status == 0
    assert {"kind": "thing", "name": name} in [{"kind": one["kind"], "name": one["name"]} for one in report["removed"]]
    assert report["troubles"] == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--cloud", "local"], "which local IoT core?"),
        (["--cloud", "local", "--local-iot-core", "missing.json"], "cannot read missing.json"),
        ([], "Missing option '--cloud'"),
    ],
)
def test_usage_ends_with_3(capfd: pytest.CaptureFixture[str], arguments: list[str], text: str) -> None:
    assert run(cli, ["sweep", *arguments]) == 3
    assert text in capfd.readouterr().err


def test_spoilt_line_is_the_clouds_fault(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "core.json").write_text("{}")

    assert run(cli, ["sweep", "--cloud", "local", "--local-iot-core", str(tmp_path / "core.json")]) == 2
    assert "lacks or spoils 'region'" in capfd.readouterr().err


def test_aws_without_credentials_ends_with_3_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    assert run(cli, ["sweep", "--cloud", "aws", "--region", "eu-west-1"]) == 3
    assert "no AWS credentials found — run `aws configure`" in capfd.readouterr().err
