"""A stranger's repository, `examples/sensor_node`, with the installed wheel and nothing of this checkout."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = ROOT / "examples" / "sensor_node"
ON_KIT: Final = 5
#: What tells a session of this checkout, and must not reach the stranger's.
OURS: Final = ("PYTHONPATH", "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_CURRENT_TEST", "VIRTUAL_ENV")


def run(command: list[str], folder: Path, *, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=timeout_s
    )


def copied(folder: Path) -> Path:
    """Copy the example out of the checkout, as its README says."""
    return shutil.copytree(EXAMPLE, folder / "my_node", ignore=shutil.ignore_patterns("__pycache__", "build"))


def test_unit_tests_run_without_a_kit_and_the_others_are_told_of(tmp_path: Path) -> None:
    done = run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider"], copied(tmp_path))

    assert done.returncode == pytest.ExitCode.OK, done.stdout
    assert f"kitbench: {ON_KIT} tests need a kit and did not run; add --kit virtual --cloud local" in done.stdout
    assert f"{ON_KIT} deselected" in done.stdout


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_wheel_in_a_fresh_environment_runs_the_example_on_the_stand_ins(tmp_path: Path) -> None:
    uv = str(Path(sys.executable).with_name("uv"))
    python = tmp_path / "venv" / "bin" / "python"
    constraints = ["--constraint", str(ROOT / "constraints.txt")]
    built = run([uv, "build", "--quiet", "--wheel", "--out-dir", str(tmp_path), str(ROOT)], tmp_path, timeout_s=300)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("kitbench-*.whl")
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(tmp_path / "venv")],
        [uv, "pip", "install", "--quiet", "--python", str(python), *constraints, f"{wheel}[virtual,local]"],
    ):
        done = run(command, tmp_path, timeout_s=600)
        assert done.returncode == 0, done.stderr
    node = copied(tmp_path)

    done = run(
        [str(python), "-m", "pytest", "--kit=virtual", "--cloud=local", "--run-report=report.json", "-v"],
        node,
        timeout_s=900,
    )

    assert done.returncode == pytest.ExitCode.OK, done.stdout[-4000:]
    report = json.loads((node / "report.json").read_text(encoding="utf-8"))
    assert report["complete"] is True
    assert [check["outcome"] for check in report["checks"]] == ["passed"] * ON_KIT
    assert {check["variant"] for check in report["checks"]} == {""}
    assert str(ROOT) not in done.stdout  # nothing came from the checkout
