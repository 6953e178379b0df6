"""The package's own names: all there, each the thing itself, and none of them loaded before it is asked for."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import kitbench
from kitbench.bench.kits.kit_thing import KitThing
from kitbench.forensics.proof import verdict


def declared() -> dict[str, str]:
    """Return the names that a type checker sees, with the modules that it sees them in."""
    tree = ast.parse(Path(kitbench.__file__).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    found = {alias.asname or alias.name: str(node.module) for node in imports for alias in node.names}
    return {name: module for name, module in found.items() if module.startswith("kitbench.")}


def test_type_checker_and_interpreter_see_the_same_names() -> None:
    assert {*declared(), "__version__"} == set(kitbench.__all__)
    for name, module in declared().items():
        assert getattr(kitbench, name) in vars(import_module(module)).values(), name


def test_names_are_the_things_themselves() -> None:
    assert kitbench.Thing is KitThing
    assert kitbench.VerdictOutcome is verdict.Outcome
    assert kitbench.__version__.count(".") == 2
    assert set(kitbench.__all__) <= set(dir(kitbench))


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'RunningKits'"):
        kitbench.RunningKits  # type: ignore[attr-defined]  # noqa: B018 - asked for on purpose


@pytest.mark.parametrize(("statement", "is_loaded"), [("import kitbench", False), ("from kitbench import Thing", True)])
def test_nothing_is_loaded_before_it_is_asked_for(statement: str, *, is_loaded: bool) -> None:
    program = f"import sys\n{statement}\nprint('cryptography' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == str(is_loaded)
