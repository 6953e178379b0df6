"""`kitbench device-advisor`, as far as it goes without a kit; and once with one."""

import json
from pathlib import Path
from typing import Any

import pytest

from kitbench.command_line import cli, run
from kitbench.command_line.device_advisor import said_last, suite_arguments
from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus
from kitbench.installation import advisor_suite_path, reference_project

USUAL: dict[str, Any] = {
    "project": None,
    "build": None,
    "suite": "qualification",
    "tests": (),
    "kit": None,
    "bench": "bench.toml",
    "variant": None,
    "identity": None,
    "device_certificate": None,
    "esp_aws_iot": None,
    "idf": None,
    "job_document": None,
    "clock_factor": None,
    "relay": None,
}


def test_a_project_or_a_build_is_named_and_not_both(tmp_path: Path) -> None:
    for folders in ({}, {"project": tmp_path, "build": tmp_path}, {"build": tmp_path / "no"}):
        with pytest.raises(UsageError):
            suite_arguments(**{**USUAL, **folders})


def test_virtual_kit_is_the_default_and_hurries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = suite_arguments(**{**USUAL, "project": reference_project()})
    assert arguments[arguments.index("--kit") + 1] == "virtual"
    assert arguments[arguments.index("--clock-factor") + 1] == "10.0"
    assert arguments[arguments.index("--variant") + 1] == "embedded_key"

    real = suite_arguments(**{**USUAL, "project": reference_project(), "kit": "/dev/ttyUSB0", "relay": "192.0.2.1"})
    assert real[real.index("--clock-factor") + 1] == "1.0"
    assert real[real.index("--relay") + 1] == "192.0.2.1"
    with pytest.raises(UsageError, match="clock of their own"):
        suite_arguments(**{**USUAL, "project": tmp_path, "kit": "auto", "clock_factor": 5.0})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("--project", ".", "--relay", "foo"), "relay 'foo' is no IPv4 address"),
        (("--project", ".", "--relay", "0.0.0.0"), "no address of one network"),
        (("--project", ".", "--kit", "foo://x"), "pyserial knows no foo://"),
        (("--project", ".", "--idf", "3.3"), "3.3"),
        (("--project", ".", "--job-document", "nowhere.json"), "nowhere.json"),
        (("--project", ".", "--job-document", str(Path(__file__))), "document is not JSON"),
        (("--build", "."), "does not say which file is its app"),
        (("--build", ".", "--identity", "foo"), "'foo' is not one of 'keep', 'registered'"),
        (("--build", ".", "--identity", "registered"), "which certificate?"),
        (("--project", ".", "--identity", "nvs"), "are for a finished build"),
    ],
)
def test_wrong_options_are_told_before_anything_starts(
    wrong: tuple[str, ...],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(cli, ["device-advisor", *wrong]) == ExitStatus.USAGE

    said = capfd.readouterr()
    assert words in said.err
    assert "starting the kit" not in said.out


def test_kit_that_is_not_there_is_told_with_pytests_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(cli, ["device-advisor", "--project", ".", "--kit", "/dev/nowhere"]) == ExitStatus.CANNOT_JUDGE
    assert "there is no /dev/nowhere" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("tail", "line"),
    [
        (["ERROR: options: no", "no tests ran"], "options: no"),
        (["collected 0 items", "no tests ran in 0.1s"], "no tests ran in 0.1s"),
        ([], "pytest said nothing"),
    ],
)
def test_reason_is_pytests_last_error_else_its_last_line(tail: list[str], line: str) -> None:
    assert said_last(tail) == line


def test_usage_is_told_by_the_exit_status() -> None:
    assert run(cli, ["device-advisor"]) == ExitStatus.USAGE
    assert advisor_suite_path().name in {"device_advisor", "device_advisor_suite"}


def test_reference_firmware_is_judged_on_a_virtual_kit(tmp_path: Path) -> None:
    tests = ("TLS_Large_Size_Server_Cert", "TLS_Expired_Server_Cert", "MQTT_Publish")
    chosen = [part for test in tests for part in ("--test", test)]
    report_file, page = tmp_path / "report.json", tmp_path / "report.html"

    project = str(reference_project())
    status = run(
        cli, ["device-advisor", "--project", project, *chosen, "--json", str(report_file), "--html", str(page)]
    )

    report = json.loads(report_file.read_text())
    assert [test["outcome"] for test in report["tests"]] == ["not judged", "failed", "passed"]
    assert status == ExitStatus.FOUND_OR_FAILED
    assert "MBEDTLS_HAVE_TIME_DATE" in report["tests"][1]["reason"]
    assert any("Publish" in line for line in report["tests"][2]["serial"])
    assert "BEGIN" not in page.read_text()
