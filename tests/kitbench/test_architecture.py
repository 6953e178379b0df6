"""docs/architecture.md names what is there: every row of its tables leads somewhere."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
#: What a run makes, and no part of the project.
MADE = {"bench.toml", "results.json"}


def named_paths() -> set[str]:
    """Return the files and folders in backquotes."""
    return {name for name in re.findall(r"`([\w/.-]+(?:\.(?:py|toml|md)|/))`", TEXT) if name not in MADE}


def exists(name: str) -> bool:
    """Say whether a path is in the checkout; a bare name stands for a module of the folder that its row names."""
    if (ROOT / name).exists():
        return True
    return any(path for folder in ("kitbench", "grading") for path in (ROOT / folder).rglob(name))


def test_every_path_in_the_tables_exists() -> None:
    assert len(named_paths()) > 60
    assert [name for name in sorted(named_paths()) if not exists(name)] == []


def test_control_a_path_that_is_not_there_is_seen() -> None:
    assert not exists("kitbench/bench/opening.py")
    assert not exists("no_such_module.py")


def test_table_of_where_things_are_has_its_rows() -> None:
    table = TEXT.split("## Where is …", 1)[1].split("\n## ", 1)[0]

    assert table.count("\n| ") - 1 >= 15
