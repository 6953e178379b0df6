"""`kitbench audit`: exit status, files, and one clear line for each kind of bad input."""

import json
import os
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from kitbench.command_line import cli, run
from kitbench.exit_status import ExitStatus
from kitbench.forensics.canaries.disguise import pem
from kitbench.forensics.proof.verdict import CanaryRecord
from tests.kitbench.forensics.flash_sample import certificate_of, ec_key, flash, pem_of


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a leaking dump, a clean one, and the certificate."""
    monkeypatch.setattr("kitbench.forensics.canaries.canary.check", lambda _: CanaryRecord(1, 1, ()))
    monkeypatch.setenv("KITBENCH_CONFINED", "1")  # in this process, where the canary costs nothing
    (tmp_path / "leaking.bin").write_bytes(flash(pem(ec_key())))
    (tmp_path / "clean.bin").write_bytes(flash())
    (tmp_path / "cert.pem").write_bytes(pem_of(certificate_of(ec_key())))
    (tmp_path / "cert.der").write_bytes(certificate_of(ec_key()).public_bytes(Encoding.DER))
    return tmp_path


def audit(folder: Path, *arguments: str) -> int:
    return run(cli, ["audit", *(str(folder / word) if "." in word else word for word in arguments)])


def test_leaking_dump_gives_1_and_json(folder: Path) -> None:
    status = audit(folder, "leaking.bin", "--certificate", "cert.pem", "--json", "out.json")

    document = json.loads((folder / "out.json").read_text())
    assert status == ExitStatus.FOUND_OR_FAILED
    assert document["findings"][0]["owner"] == "device"


def test_clean_dump_gives_0_report_and_picture(folder: Path) -> None:
    status = audit(folder, "clean.bin", "--certificate", "cert.der", "--html", "out.html", "--map", "out.png")

    assert status == ExitStatus.GOOD
    assert "Certificate of absence" in (folder / "out.html").read_text()
    assert (folder / "out.png").read_bytes().startswith(b"\x89PNG")


def test_several_dumps_give_the_worst_status(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(folder, "leaking.bin", "clean.bin", "--certificate", "cert.pem") == ExitStatus.FOUND_OR_FAILED

    output = capsys.readouterr().out
    assert "leaking.bin: found" in output
    assert "clean.bin: absent" in output


def test_json_on_standard_output_is_json_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audit(folder, "clean.bin", "--certificate", "cert.pem", "--json", "-")

    assert json.loads(capsys.readouterr().out)["outcome"] == "absent"


def test_noise_cannot_be_judged(folder: Path) -> None:
    (folder / "noise.bin").write_bytes(os.urandom(100_000))

    assert audit(folder, "noise.bin", "--certificate", "cert.pem") == ExitStatus.CANNOT_JUDGE


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["missing.bin"], "No such file"),
        (["empty.bin"], "is empty"),
        (["folder.d"], "not a regular file"),
        (["pipe.fifo"], "not a regular file"),
        (["sparse.bin"], "at most"),
        (["clean.bin", "--certificate", "clean.bin"], "holds no certificate"),
        (["clean.bin", "--certificate", "empty.bin"], "is empty"),
        (["clean.bin", "--certificate", "broken.pem"], "holds no certificate"),
        (["clean.bin", "--elf", "cert.pem"], "not an ELF"),
        (["clean.bin", "--efuses", "cert.pem"], "eFuses"),
        (["clean.bin", "--secrets", "cert.der"], "secrets"),
        (["clean.bin", "--json", "missing.d/out.json"], "cannot write"),
        ([], "DUMP"),
        (["clean.bin", "--nonsense"], "nonsense"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input_gives_3_and_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    (folder / "empty.bin").touch()
    (folder / "folder.d").mkdir()
    os.mkfifo(folder / "pipe.fifo")
    (folder / "broken.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    with (folder / "sparse.bin").open("wb") as sparse:
        sparse.truncate(1 << 30)

    status = audit(folder, *arguments)

    error = capsys.readouterr().err
    assert status == ExitStatus.USAGE
    assert line in error
    assert "Traceback" not in error


def test_certificate_of_another_key_type_proves_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    (folder / "ed25519.pem").write_bytes(pem_of(certificate_of(key)))

    assert audit(folder, "clean.bin", "--certificate", "ed25519.pem") == ExitStatus.CANNOT_JUDGE
    assert "Ed25519PublicKey" in capsys.readouterr().out


def test_audit_is_in_a_process_of_its_own_and_says_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("leaking.bin", "--certificate", "cert.pem", "--json", "out.json", "--map", "out.png")
    inside = audit(folder, *arguments), capsys.readouterr().out, (folder / "out.png").read_bytes()
    monkeypatch.delenv("KITBENCH_CONFINED")
    opened: list[str] = []
    sys.addaudithook(lambda event, values: opened.append(str(values[0])) if event == "open" else None)

    apart = audit(folder, *arguments), capsys.readouterr().out, (folder / "out.png").read_bytes()

    assert apart == inside
    assert [name for name in opened if name.endswith(("leaking.bin", "cert.pem"))] == []
    assert str(folder / "out.png") in opened  # the hook saw this very run
    assert json.loads((folder / "out.json").read_text())["canary"]["planted"] > 1  # no canary of this test's


def test_relative_names_are_read_from_where_the_caller_is(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KITBENCH_CONFINED")
    monkeypatch.chdir(folder)
    (folder / "click.py").write_text("raise SystemExit('taken from the current folder')\n")
    (folder / "build").mkdir()
    (folder / "sdkconfig").write_text("CONFIG_SECURE_BOOT=y\n")

    assert run(cli, ["audit", "--build", "build"]) in {ExitStatus.FOUND_OR_FAILED, ExitStatus.CANNOT_JUDGE}

    assert "hardening:" in capsys.readouterr().out


def test_help_has_example_and_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    run(cli, ["audit", "--help"])

    output = capsys.readouterr().out
    assert "kitbench audit flash.bin" in output
    assert "Exit status: 0 absent, 1 found, 2 cannot judge" in output
