"""Tests that need a kit run when somebody asks for one, and are told of when nobody does; others never notice."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from kitbench.pytest_plugin.selection import selects_marker

UNIT: Final = """
import pytest
@pytest.mark.parametrize("variant", ["their", "own"])
def test_other_variant(variant): assert variant
@pytest.mark.parametrize("embedded_services", ["", "serial"], indirect=True)
def test_parameter_of_pytest_embedded(embedded_services, port): assert (embedded_services or "") in ("", "serial")
def test_path_of_pytest_embedded(app_path): assert app_path.endswith("tests")
def test_dut_of_pytest_embedded(dut):
    dut.write("hello")
    dut.expect("hello", timeout=5)
"""
ON_KIT: Final = """
import pytest
@pytest.fixture
def my_kit(running_kit): return running_kit
def test_directly(connected_kit): pass
def test_by_a_fixture(my_kit): pass
@pytest.mark.hardware
def test_by_its_marker(): pass
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest as a stranger would, with unit tests and three on-kit tests and no conftest.py."""
    tests = folder / "tests"
    tests.mkdir(exist_ok=True)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n", encoding="utf-8")
    (tests / "test_unit.py").write_text(UNIT, encoding="utf-8")
    (tests / "test_kit.py").write_text(ON_KIT, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "ignore", *arguments],
        cwd=folder,
        env=os.environ | {"XDG_RUNTIME_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )


def test_without_a_word_about_kits_their_tests_are_left_out_and_told_of(tmp_path: Path) -> None:
    done = run(tmp_path)

    assert done.returncode == pytest.ExitCode.OK, done.stdout
    assert "6 passed, 3 deselected" in done.stdout
    assert done.stdout.count("kitbench: 3 tests need a kit and did not run; add --kit virtual --cloud local") == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["-m", "hardware", "--cloud", "local", "--kit", "no-such-port"], "there is no no-such-port"),
        (["--kit", "virtual"], "no cloud was chosen"),
    ],
)
def test_whoever_asks_for_a_kit_is_told_what_is_missing(tmp_path: Path, arguments: list[str], complaint: str) -> None:
    done = run(tmp_path, *arguments)

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert complaint in done.stderr
    assert done.stderr.strip().count("\n") == 0


def test_description_of_a_bench_asks_for_its_kit(tmp_path: Path) -> None:
    (tmp_path / "bench.toml").write_text("[bench]\nkit = 'no-such-port'\ncloud = 'local'\n", encoding="utf-8")

    assert "there is no no-such-port" in run(tmp_path).stderr
    assert run(tmp_path, "-m", "not hardware").returncode == pytest.ExitCode.OK


@pytest.mark.parametrize("listing", ["--collect-only", "--fixtures", "--setup-plan"])
def test_listing_asks_for_nothing(tmp_path: Path, listing: str) -> None:
    done = run(tmp_path, listing, "--kit", "no-such-port", "--cloud", "local")

    assert done.returncode == pytest.ExitCode.OK, done.stderr
    assert ("running_kit" if listing == "--fixtures" else "test_by_a_fixture") in done.stdout


@pytest.mark.parametrize(
    ("expression", "selects"),
    [
        ("hardware", True),
        ("hardware and criterion", True),
        ("hardware and not slow", True),
        ("slow or hardware", True),
        ("not (slow or not hardware)", True),
        ("", False),
        ("not hardware", False),
        ("not hardware and not slow", False),
        ("not (hardware or slow)", False),
        ("hardware or not hardware", False),
        ("slow", False),
        ("hardware_of_somebody_else", False),
        ("hardware and", False),  # no expression: pytest says so
    ],
)
def test_expression_selects_by_the_marker_only_where_it_needs_it(expression: str, *, selects: bool) -> None:
    assert selects_marker(expression) == selects
