"""What is installed, in lines: ESP-IDF by a stand-in of idf.py."""

import sys
from pathlib import Path

import pytest

from kitbench.doctor import installation
from kitbench.doctor.check import State
from kitbench.doctor.installation import esp_idf, window_kernel
from kitbench.forensics.window_scan import fastest_kernel
from kitbench.forensics.window_scan.portable_kernel import PortableKernel


@pytest.fixture
def idf_py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An idf.py, first and alone on PATH; empty."""
    program = tmp_path / "idf.py"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("IDF_PYTHON_ENV_PATH", raising=False)
    return program


def test_version_is_shown(idf_py: Path) -> None:
    idf_py.write_text("#!/bin/sh\necho ESP-IDF v5.1.4\n", encoding="utf-8")

    line = esp_idf()

    assert (line.state, line.detail) == (State.OK, "ESP-IDF v5.1.4")


def test_idf_py_that_fails_is_one_line_with_its_fix(idf_py: Path) -> None:
    idf_py.write_text("#!/bin/sh\necho Traceback >&2\necho 'No module named click' >&2\nexit 1\n", encoding="utf-8")

    line = esp_idf()

    assert line.state is State.FAIL
    assert line.detail == f"{idf_py} does not run; it said last: No module named click"
    assert "export.sh" in line.fix


def test_idf_py_that_hangs_is_given_up(idf_py: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "ANSWERS_WITHIN_S", 0.2)
    idf_py.write_text("#!/bin/sh\nexec /bin/sleep 60\n", encoding="utf-8")

    line = esp_idf()

    assert (line.state, line.detail) == (State.FAIL, f"{idf_py} does not run: TimeoutExpired")


def test_idf_py_is_asked_by_the_python_that_builds_with_it(
    idf_py: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    idf_py.write_text("#!/bin/false\nimport sys; print(sys.argv[1])\n", encoding="utf-8")
    assert esp_idf().state is State.FAIL
    python = tmp_path / "python_env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    monkeypatch.setenv("IDF_PYTHON_ENV_PATH", str(python.parents[1]))

    assert (esp_idf().state, esp_idf().detail) == (State.OK, "--version")


def test_audit_without_its_compiled_kernel_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    assert window_kernel().state is State.OK
    monkeypatch.setattr(fastest_kernel, "fastest_kernel", PortableKernel)

    assert window_kernel().state is State.WARN
    assert "C compiler" in window_kernel().fix
