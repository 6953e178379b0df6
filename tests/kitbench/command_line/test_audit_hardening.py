"""`kitbench audit` on a device's hardening, with and without a dump, and on the eFuses of a virtual kit."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from kitbench.command_line import cli, run
from kitbench.command_line.audit_hardening import item_lines
from kitbench.command_line.doctor import hardening_checks
from kitbench.doctor.check import State
from kitbench.exit_status import ExitStatus
from kitbench.hardening.item import Measure
from kitbench.virtual_kit.kit import VirtualKit
from tests.kitbench.forensics.flash_sample import certificate_of, ec_key, flash, pem_of
from tests.kitbench.hardening.hardened_device import BUILD, efuses_json, noise


@pytest.fixture(name="efuses")
def _efuses(tmp_path: Path) -> Path:
    path = tmp_path / "efuses.json"
    path.write_bytes(efuses_json())
    return path


def results(document: dict[str, Any], key: str) -> dict[str, str]:
    return {item["id"]: item["result"] for item in document[key]}


def test_without_a_dump_efuses_and_build_are_judged(tmp_path: Path, efuses: Path) -> None:
    (tmp_path / "sdkconfig").write_text(BUILD)
    out, page = tmp_path / "out.json", tmp_path / "out.html"

    sources = ["--efuses", str(efuses), "--build", str(tmp_path)]
    status = run(cli, ["audit", *sources, "--json", str(out), "--html", str(page)])

    document = json.loads(out.read_text())
    assert document["schema"] == "kitbench-hardening/1"
    found = results(document, "items")
    assert found.pop("plaintext-secrets") == "inconclusive"
    assert found.pop("nvs-encryption") == "inconclusive"
    assert set(found.values()) == {"pass"}
    assert status == ExitStatus.CANNOT_JUDGE
    assert "Evidence for" in page.read_text()
    assert run(cli, ["audit"]) == ExitStatus.USAGE


def test_an_encrypted_dump_has_more_to_tell_than_cannot_judge(tmp_path: Path, efuses: Path) -> None:
    (tmp_path / "flash.bin").write_bytes(noise(0x100000))
    out = tmp_path / "out.json"

    dump = str(tmp_path / "flash.bin")
    status = run(cli, ["audit", dump, "--efuses", str(efuses), "--hardening", "--json", str(out)])

    document = json.loads(out.read_text())
    assert (status, document["outcome"]) == (ExitStatus.CANNOT_JUDGE, "cannot_judge")
    found = results(document, "hardening_items")
    assert found["flash-encryption"] == found["secure-boot"] == found["plaintext-secrets"] == "pass"


@pytest.mark.parametrize(
    ("setting", "result"),
    [
        ('CONFIG_SHELF_WIFI_PASSWORD="correct horse"', "fail"),
        ('CONFIG_SHELF_WIFI_PASSWORD="another horse"', "inconclusive"),
        ('CONFIG_SHELF_WIFI_NAME="correct horse"', "inconclusive"),
    ],
)
def test_a_password_of_the_build_is_looked_for_in_the_dump(tmp_path: Path, setting: str, result: str) -> None:
    (tmp_path / "flash.bin").write_bytes(flash(b"\0correct horse\0"))
    (tmp_path / "sdkconfig").write_text(f"{BUILD}\n{setting}\n")
    out = tmp_path / "out.json"

    sources = ["--build", str(tmp_path / "sdkconfig"), "--hardening", "--json", str(out)]
    run(cli, ["audit", str(tmp_path / "flash.bin"), *sources])

    document = json.loads(out.read_text())
    assert results(document, "hardening_items")["plaintext-secrets"] == result
    assert "correct horse" not in out.read_text()


def test_items_count_in_the_status_when_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "flash.bin").write_bytes(flash())
    (tmp_path / "device.pem").write_bytes(pem_of(certificate_of(ec_key())))
    (tmp_path / "efuses.json").write_text('{"efuses": {"JTAG_DISABLE": 0}}')
    line = ["audit", str(tmp_path / "flash.bin"), "--certificate", str(tmp_path / "device.pem")]
    line += ["--efuses", str(tmp_path / "efuses.json"), "--html", str(tmp_path / "page.html")]

    assert run(cli, line) == ExitStatus.GOOD
    assert run(cli, [*line, "--hardening"]) == ExitStatus.FOUND_OR_FAILED
    assert "ISTG-INT-AUTHZ-001" in (tmp_path / "page.html").read_text()


def test_a_virtual_kit_is_asked_for_its_efuses(tmp_path: Path) -> None:
    with VirtualKit() as kit:
        status = run(cli, ["audit", "--port", kit.url, "--json", str(tmp_path / "out.json")])
        [(_, look)] = hardening_checks(kit.url, Path("bench.toml"))
        lines = look()

    found = results(json.loads((tmp_path / "out.json").read_text()), "items")
    assert status == ExitStatus.FOUND_OR_FAILED
    assert found["flash-encryption"] == found["jtag"] == found["download-mode"] == "fail"
    assert found["flash-encryption-key"] == "inconclusive"
    assert isinstance(lines, list)
    assert {line.state for line in lines} == {State.WARN}
    assert "fail: JTAG closed" in next(line.detail for line in lines if line.subject == "jtag")


def test_what_a_device_says_is_no_markup_and_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    items = [Measure("jtag", "JTAG").failed("a\x1b[2Jb\n  pass forged [bold]:smile:", "[link=x]y")]
    for line in item_lines(items):
        Console(emoji=False, highlight=False, soft_wrap=True).print(line)

    said = capsys.readouterr().out
    assert "\x1b[2J" not in said
    assert "[bold]:smile:" in said
    assert len(said.splitlines()) == 3
