"""Which tests need a kit, and whether the user wants those run."""

from itertools import product
from typing import Final

import pytest
from _pytest.mark.expression import Expression

from kitbench.bench.kits.bench_file import USUAL_FILE

MARKER: Final = "hardware"
#: How many on-kit tests were left out, as nobody asked for a kit.
LEFT_OUT_KEY: Final = pytest.StashKey[int]()
#: More names than anybody writes into `-m`: beyond them it is only looked whether the marker is among them.
NAMES_MAX: Final = 8
HOW: Final = "add --kit virtual --cloud local, or --kit auto --cloud aws"


def mark_on_kit(item: pytest.Item) -> None:
    """Give a test that uses a kit fixture the marker, if it does not have it."""
    if "on_kit_run" in getattr(item, "fixturenames", ()) and not is_on_kit(item):
        item.add_marker(MARKER)


def is_on_kit(item: pytest.Item) -> bool:
    """Say whether a test needs a kit."""
    return item.get_closest_marker(MARKER) is not None


def runs_tests(config: pytest.Config) -> bool:
    """Say whether tests are going to be run: those who list, discover or plan need no kit."""
    option = config.option
    names = ("collectonly", "showfixtures", "show_fixtures_per_test", "setupplan")
    return not any(getattr(option, name, False) for name in names)


def asks_for_kits(config: pytest.Config) -> bool:
    """Say whether the user wants on-kit tests run: by --kit, --cloud, -m, or a description of the bench."""
    named = config.getoption("--bench")
    has_bench_file = named != USUAL_FILE or (config.invocation_params.dir / USUAL_FILE).exists()
    options = (config.getoption("--kit"), config.getoption("--cloud"))
    return any(options) or has_bench_file or selects_marker(config.option.markexpr or "")


def leave_out_on_kit_tests(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that need a kit, where nobody asked for one."""
    if not runs_tests(config) or asks_for_kits(config):
        return
    left_out = [item for item in items if is_on_kit(item)]
    config.stash[LEFT_OUT_KEY] = len(left_out)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not is_on_kit(item)]


def left_out_line(count: int) -> str:
    """Return the line that says what was left out, and how it would be run."""
    tests = "1 test needs" if count == 1 else f"{count} tests need"
    return f"kitbench: {tests} a kit and did not run; {HOW}"


def selects_marker(expression: str) -> bool:
    """Say whether an expression of `-m` selects tests by the marker `hardware`: some test only because it has it."""
    try:
        compiled = Expression.compile(expression)
    except SyntaxError:  # pytest says so itself
        return False
    words = dict.fromkeys(_words(expression))
    others = [word for word in words if word != MARKER][:NAMES_MAX]
    return MARKER in words and any(
        _value(compiled, frozenset(has), MARKER) and not _value(compiled, frozenset(has))
        for has in (
            [word for word, chosen in zip(others, choice, strict=True) if chosen]
            for choice in product((False, True), repeat=len(others))
        )
    )


def _words(expression: str) -> list[str]:
    return expression.replace("(", " ").replace(")", " ").split()


def _value(compiled: Expression, has: frozenset[str], *more: str) -> bool:
    return compiled.evaluate(lambda name, /, **_: name in has or name in more)
