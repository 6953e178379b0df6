"""Each tutorial does what it says, command by command."""

from pathlib import Path

import pytest

from kitbench.installation import reference_project
from tests.optional_part import AWS_CLI
from tests.tutorials.tutorial import run_tutorial

EXAMPLE = Path(__file__).parents[2] / "examples" / "sensor_node"


def test_instructors(tmp_path: Path) -> None:
    run_tutorial("tutorial-instructor.md", tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_engineers(tmp_path: Path) -> None:
    run_tutorial("tutorial-engineer.md", tmp_path, EXAMPLE=str(EXAMPLE))


@AWS_CLI.needed
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_students(tmp_path: Path) -> None:
    run_tutorial("tutorial-student.md", tmp_path, REFERENCE=str(reference_project()))
