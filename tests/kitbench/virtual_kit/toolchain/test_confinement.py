"""The kernel's part of the build's sandbox, tried with programs that try to leave it."""

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kitbench.errors import BenchError
from kitbench.virtual_kit.toolchain.confinement import MAX_OUTPUT, Completed, Confinement
from tests.optional_part import LANDLOCK

PREFIXES = (Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve())


def run(confinement: Confinement, code: str, timeout_s: float = 20.0) -> Completed:
    allowed = replace(confinement, readable=(*confinement.readable, *PREFIXES))
    return allowed.run([sys.executable, "-I", "-S", "-c", code], folder=confinement.scratch, timeout_s=timeout_s)


def test_program_runs_and_its_output_is_kept(confinement: Confinement) -> None:
    result = run(confinement, "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")

    assert result.status == 3
    assert sorted(result.output.split()) == ["err", "out"]


def test_program_reads_its_input(confinement: Confinement) -> None:
    allowed = replace(confinement, readable=(*confinement.readable, *PREFIXES))
    command = [sys.executable, "-I", "-S", "-c", "print(input())"]

    assert allowed.run(command, folder=confinement.scratch, timeout_s=20, stdin=b"hi\n").output == "hi\n"


def test_environment_is_cleaned(confinement: Confinement, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "kitbench-secret")
    monkeypatch.setenv("CPATH", "/usr/include")

    result = run(confinement, "import os; print(dict(os.environ))")

    assert "kitbench-secret" not in result.output
    assert "CPATH" not in result.output
    assert f"'HOME': '{confinement.scratch}'" in result.output


@LANDLOCK.needed
def test_file_outside_cannot_be_read(confinement: Confinement, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("kitbench-secret")

    result = run(confinement, f"print(open({str(secret)!r}).read())")

    assert result.status != 0
    assert "kitbench-secret" not in result.output
    assert "PermissionError" in result.output


@LANDLOCK.needed
def test_project_can_be_read_and_not_written(confinement: Confinement, tmp_path: Path) -> None:
    source = tmp_path / "project" / "a.c"
    source.write_text("content")

    assert "content" in run(confinement, f"print(open({str(source)!r}).read())").output
    assert run(confinement, f"open({str(source)!r}, 'w')").status != 0
    assert source.read_text() == "content"


@LANDLOCK.needed
def test_program_outside_cannot_be_started(confinement: Confinement, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho started\n")
    program.chmod(0o755)

    result = run(confinement, f"import os; os.execv({str(program)!r}, ['program'])")

    assert "started" not in result.output


def test_time_is_bounded(confinement: Confinement) -> None:
    started = time.monotonic()

    with pytest.raises(BenchError, match="took longer than 1 s"):
        run(confinement, "import time; time.sleep(60)", timeout_s=1)

    assert time.monotonic() - started < 30


def test_cpu_time_is_bounded(confinement: Confinement) -> None:
    tight = replace(confinement, limits=replace(confinement.limits, cpu_seconds=1))

    assert run(tight, "while True: pass").status < 0


def test_memory_is_bounded(confinement: Confinement) -> None:
    tight = replace(confinement, limits=replace(confinement.limits, memory=128 << 20))

    assert "MemoryError" in run(tight, "x = bytearray(512 << 20)").output


def test_output_is_bounded(confinement: Confinement) -> None:
    tight = replace(confinement, limits=replace(confinement.limits, file_size=1 << 20))

    result = run(tight, "import sys\nwhile True: sys.stdout.write('x' * 65536)")

    assert result.status != 0
    assert len(result.output) == MAX_OUTPUT


def test_missing_program_is_the_benchs_fault(confinement: Confinement, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="cannot start"):
        confinement.run(["/nowhere"], folder=tmp_path / "nowhere", timeout_s=5)
