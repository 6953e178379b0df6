"""The fidelity table names a test for every row, and each of them exists and runs by default."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TABLE = ROOT / "docs" / "fidelity" / "local-iot-core.md"
OPERATIONS = ROOT / "docs" / "fidelity" / "local-iot-core-operations.md"
HERE = Path(__file__).parent
FOLDERS = (HERE, ROOT / "tests" / "conformance")
NAMED = re.compile(r"`(test_\w+\.py)::(?:(\w+)::)?(test_\w+)`")


def rows() -> list[str]:
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("|")]
    return [line for line in lines if not line.startswith(("|---", "| AWS, and"))]


@cache
def functions_of(file_name: str) -> dict[tuple[str, str], list[str]]:
    """Return the tests of a module by class and name, each with the source of its decorators."""
    [path] = [path for folder in FOLDERS for path in folder.rglob(file_name)]
    found = {}
    for node in ast.parse(path.read_text()).body:
        holder, items = (node.name, node.body) if isinstance(node, ast.ClassDef) else ("", [node])
        for item in items:
            if isinstance(item, ast.FunctionDef):
                found[holder, item.name] = [ast.unparse(decorator) for decorator in item.decorator_list]
    return found


def test_table_has_rows() -> None:
    assert len(rows()) > 60


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.split("|")[1].strip()[:60])
def test_row_names_a_test_that_runs(row: str) -> None:
    cells = row.strip("|").split("|")
    assert len(cells) == 4
    assert cells[1].strip() in {"=", "≈", "≠"}

    [(file_name, holder, name)] = NAMED.findall(cells[3])

    decorators = functions_of(file_name)[holder, name]
    assert not [decorator for decorator in decorators if "slow" in decorator or "skip" in decorator]


def test_every_modelled_operation_names_a_test_that_runs() -> None:
    modelled = [line for line in OPERATIONS.read_text().splitlines() if "| modelled |" in line]

    for row in modelled:
        [(file_name, holder, name)] = NAMED.findall(row)
        assert not [mark for mark in functions_of(file_name)[holder, name] if "slow" in mark or "skip" in mark], row
    assert len(modelled) >= 80


def test_test_that_does_not_exist_would_be_found() -> None:
    assert ("", "test_that_does_not_exist") not in functions_of("test_policy.py")
