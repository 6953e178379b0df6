"""New lines of a file that grows."""

from pathlib import Path

from kitbench.bench.project_run.line_tail import LineTail


def test_lines_come_once_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    tail = LineTail(path)
    assert tail.new_lines() == []

    path.write_text("one\ntw")
    assert tail.new_lines() == ["one"]
    with path.open("a") as file:
        file.write("o\nthree\n")

    assert tail.new_lines() == ["two", "three"]
    assert tail.new_lines() == []
