"""`kitbench dump`: files written, a broken dump taken up again, and clear errors."""

from pathlib import Path

import pytest

from kitbench.command_line import cli, run
from kitbench.errors import BenchError
from kitbench.exit_status import ExitStatus
from kitbench.forensics.reading.flash_dump import FlashDump

DUMP = FlashDump(b"\x01" * 0x1000, "ESP32", "24:0a:c4:00:00:01", "delta", 4096, 1.5, "2026-01-01T00:00:00+00:00", {})


def test_dump_writes_flash_and_what_is_known_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("kitbench.command_line.dump.read_flash", lambda *_, **__: DUMP)

    status = run(cli, ["dump", "--port", "none", "-o", str(tmp_path / "flash.bin")])

    assert status == ExitStatus.GOOD
    assert (tmp_path / "flash.bin").read_bytes() == DUMP.data
    assert DUMP.sha256 in (tmp_path / "flash.bin.json").read_text()
    assert DUMP.sha256 in capsys.readouterr().out


def test_broken_dump_is_taken_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaking(*_: object, on_broken: object, **__: object) -> FlashDump:
        assert callable(on_broken)
        on_broken(b"half of it")
        raise BenchError("the link broke", stage="dump")

    seen: list[object] = []

    def whole(*_: object, known: object, **__: object) -> FlashDump:
        seen.append(known)
        return DUMP

    arguments = ["dump", "--port", "none", "-o", str(tmp_path / "flash.bin")]
    monkeypatch.setattr("kitbench.command_line.dump.read_flash", breaking)
    first = run(cli, arguments)
    monkeypatch.setattr("kitbench.command_line.dump.read_flash", whole)
    second = run(cli, arguments)

    assert (first, second, seen) == (ExitStatus.CANNOT_JUDGE, ExitStatus.GOOD, [[b"half of it"]])
    assert not (tmp_path / "flash.bin.part").exists()


def test_url_in_capitals_reaches_esptool_as_it_knows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ports: list[str] = []

    def read_flash(port: str, **_: object) -> FlashDump:
        ports.append(port)
        return DUMP

    monkeypatch.setattr("kitbench.command_line.dump.read_flash", read_flash)

    run(cli, ["dump", "--port", "RFC2217://bench:4000", "-o", str(tmp_path / "flash.bin")])

    assert ports == ["rfc2217://bench:4000"]


def test_missing_known_image_is_the_callers_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = run(cli, ["dump", "--port", "none", "-o", str(tmp_path / "f.bin"), "--known", str(tmp_path / "no.bin")])

    assert status == ExitStatus.USAGE
    assert "no.bin" in capsys.readouterr().err


def test_port_that_is_not_there_is_the_benchs_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = run(cli, ["dump", "--port", "/dev/kit-that-is-not-there", "-o", str(tmp_path / "f.bin")])

    error = capsys.readouterr().err
    assert status == ExitStatus.CANNOT_JUDGE
    assert "/dev/kit-that-is-not-there" in error
    assert len(error.strip().splitlines()) == 1
